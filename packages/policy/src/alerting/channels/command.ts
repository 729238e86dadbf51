// Alerts to a program: JSON on its standard input, no shell between.
import { spawn } from 'node:child_process';
import type { CommandOptions } from '../options.ts';
import { type Channel, DeliveryError } from './channel.ts';

/** What of the environment a program gets: secrets of channels and of the application stay here. */
const PASSED_ON = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'SystemRoot'];
/** It gets its own group of processes, so that what it started ends with it. */
const detached = process.platform !== 'win32';

export function commandChannel({ run }: CommandOptions): Channel {
  const [program, ...args] = run;
  return {
    deliver: (alert, signal) =>
      new Promise((resolve, reject) => {
        const env = Object.fromEntries(PASSED_ON.flatMap((name) => [[name, process.env[name]]]));
        const child = spawn(program!, args, { env, detached, stdio: ['pipe', 'ignore', 'ignore'] });
        const end = () => kill(child.pid);
        signal.addEventListener('abort', end, { once: true });
        child.on('error', (error: NodeJS.ErrnoException) => {
          signal.removeEventListener('abort', end);
          reject(new DeliveryError(`the command cannot be run (${error.code})`));
        });
        child.on('exit', (status, killed) => {
          signal.removeEventListener('abort', end);
          if (status === 0) resolve();
          else if (signal.aborted) reject(new DeliveryError('the command did not end in time'));
          else reject(new DeliveryError(`the command ended with ${killed ?? `status ${status}`}`));
        });
        // A program that does not read says by its exit status whether it is content.
        child.stdin.on('error', () => {});
        child.stdin.end(`${JSON.stringify(alert)}\n`);
      }),
    close() {},
  };
}

function kill(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(detached ? -pid : pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
