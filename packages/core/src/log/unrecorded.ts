// Decides what becomes of an event that cannot be recorded now: the spool, the caller, or the count of what is lost.
import type { AuditError } from '../errors.ts';
import type { PreparedEvent } from '../event/prepared.ts';
import type { Diverted } from './diversion.ts';
import { refusing, spoolFailed } from './failures.ts';
import type { LossReason } from './loss.ts';
import type { Spooling } from './spooling.ts';
import type { Waiter } from './waiter.ts';

export interface TurnedAway {
  readonly event: PreparedEvent;
  /** Null for `emit`. */
  readonly waiter: Waiter | null;
  readonly reason: LossReason;
  /** Null where it happens too often to make one each time. */
  readonly error: AuditError | null;
  /** The size of the log the caller knew, where it said so. */
  readonly knownSize?: number | undefined;
}

export interface KeepWhy {
  /** In a few words, as `health` and `SPOOLED` say it. Default: by the reason. */
  readonly why?: string;
  /** The event is in the queue, and stays there. */
  readonly copy?: boolean;
}

const WHY: Partial<Record<LossReason, string>> = {
  'queue-full': 'the queue is full',
  unreadable: 'the log cannot be read',
  stopped: 'the log has stopped',
};

export interface UnrecordedHooks {
  diverted(): Diverted | null;
  lost(reason: LossReason, error: AuditError | null): void;
  told(error: AuditError): void;
}

export class Unrecorded {
  readonly #spooling: Spooling | null;
  readonly #hooks: UnrecordedHooks;

  constructor(spooling: Spooling | null, hooks: UnrecordedHooks) {
    this.#spooling = spooling;
    this.#hooks = hooks;
  }

  /** What is handed in while events are diverted. */
  divert(event: PreparedEvent, waiter: Waiter | null, knownSize: number | undefined, to: Diverted): void {
    const { reason } = to;
    if (to.to === 'spool') {
      const error = waiter && refusing(event.id, `${reason}, and the spool takes no more`);
      this.turnAway({ event, waiter, reason: 'refused', error, knownSize }, { why: reason });
    } else if (waiter === null) this.#hooks.lost('refused', null);
    else waiter.reject(refusing(event.id, reason));
  }

  /** To the spool where the rules say so; else, and where that takes it not, whoever waits is told, or it is counted. */
  turnAway({ event, waiter, reason, error, knownSize }: TurnedAway, { why, copy }: KeepWhy = {}): void {
    const refused = (lost: LossReason, failure: Error | null) => {
      const failed = failure && spoolFailed(event.id, failure);
      if (waiter === null) this.#hooks.lost(lost, failed ?? error);
      else {
        if (failed !== null) this.#hooks.told(failed);
        waiter.reject(error ?? failed!);
      }
    };
    if (this.#spooling === null || !(event.spool || this.#hooks.diverted()?.to === 'spool')) {
      refused(reason, null);
      return;
    }
    this.#spooling.keep(event, waiter, {
      why: why ?? WHY[reason] ?? reason,
      knownSize,
      copy: copy ?? false,
      otherwise: refused,
    });
  }
}
