// Where events go instead of into the log, by order of whoever guards the place the log is in.
import type { Diversion } from './types.ts';

export interface Diverted {
  readonly to: Diversion;
  /** In a few words. */
  readonly reason: string;
}

/** @throws TypeError naming what is wrong with the arguments of `divert` */
export function checkDiversion(to: Diversion | null, reason: unknown): Diverted | null {
  if (to === null) return null;
  if (to !== 'spool' && to !== 'refuse') {
    throw new TypeError(`to must be spool, refuse or null, got ${JSON.stringify(to)}`);
  }
  if (typeof reason !== 'string' || reason === '') {
    throw new TypeError(
      'reason must say in a few words why events are diverted, such as "the disk is 95 % full"',
    );
  }
  return { to, reason };
}

/** A sentence for `health`. */
export function toldDiversion({ to, reason }: Diverted): string {
  return to === 'spool'
    ? `Events go to the spool (${reason}); they enter the log when that ends.`
    : `Events are refused (${reason}); what is emitted meanwhile is counted in log.gap.`;
}
