// Names of signals: the engine tells their numbers, those of Linux, wherever this runs. Imports nothing.

const NAMES = (
  'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG ' +
  'XCPU XFSZ VTALRM PROF WINCH IO PWR SYS'
).split(' ');

/** `SIGKILL` for `9`; what is no number of a name stays as it is. */
export function signalName(signal: string): string {
  const name = /^\d+$/.test(signal) ? NAMES[Number(signal) - 1] : undefined;
  return name === undefined ? signal : `SIG${name}`;
}
