// What the log keeps in its spool: who is told what, when it takes its turn, and what `health` says of it.
import type { AuditError } from '../errors.ts';
import type { PreparedEvent } from '../event/prepared.ts';
import type { Spool } from '../spool/spool.ts';
import type { AuditStore } from '../store/store.ts';
import type { Conditions } from './conditions.ts';
import { spooled, stillSpooled } from './failures.ts';
import { conflict } from './idempotency.ts';
import type { LossReason } from './loss.ts';
import { Replay } from './replay.ts';
import type { SpoolHealth } from './types.ts';
import type { Waiter } from './waiter.ts';

export interface KeepOptions {
  /** Why it is not recorded, in a few words. */
  readonly why: string;
  /** The size of the log the caller knew, where it said so. */
  readonly knownSize?: number | undefined;
  /** The event is in the queue of the log, and stays there. */
  readonly copy?: boolean;
  /** The spool takes it not: what becomes of it then. */
  readonly otherwise: (reason: LossReason, failure: Error | null) => void;
}

export interface SpoolingHooks {
  /** True while the log takes what waits. */
  open(): boolean;
  /** Why what waits has to go on waiting, until somebody ends that; null where it has only to wait its turn. */
  obstacle(): string | null;
  /** Entries committed. */
  size(): number;
  /** Milliseconds since the epoch as text of RFC 3339. */
  now(): string;
  /** As `ReplayHooks.take`. */
  take(event: PreparedEvent, at: string, knownSize: number | undefined): Promise<boolean>;
  lost(reason: LossReason, error: AuditError | null): void;
  told(error: Error): void;
}

export class Spooling {
  readonly #spool: Spool;
  readonly #replay: Replay;
  readonly #conditions: Conditions;
  readonly #hooks: SpoolingHooks;
  #why: string | null = null;
  /** Calls of `drained`, told of what keeps them waiting. */
  #obstacles: ((error: AuditError) => void)[] = [];

  constructor(spool: Spool, store: AuditStore, conditions: Conditions, hooks: SpoolingHooks) {
    this.#spool = spool;
    this.#conditions = conditions;
    this.#hooks = hooks;
    this.#replay = new Replay(spool, store, {
      open: () => hooks.open(),
      size: () => hooks.size(),
      take: (event, at, knownSize) => hooks.take(event, at, knownSize),
      lost: (error) => hooks.lost('conflict', error),
      failed: (error) => {
        this.#begin(`it cannot be read: ${error.message}`);
        this.block(this.#why!);
        hooks.told(error);
      },
    });
    if (spool.events > 0) this.#begin('an earlier run left them');
  }

  /** Why events wait for their turn, and what comes later behind them; null where none does. */
  get waits(): string | null {
    return this.#spool.waiting > 0 ? this.#why : null;
  }

  get health(): SpoolHealth {
    const { events, bytes } = this.#spool;
    return { events, bytes, reason: events === 0 ? null : this.#why };
  }

  has(id: string): boolean {
    return this.#spool.has(id);
  }

  /**
   * Keeps an event that cannot be recorded. `waiter` is rejected with `SPOOLED` once it is durable; null for `emit`.
   * With an id that is in the spool already, it is that event or `ID_CONFLICT`.
   */
  keep(event: PreparedEvent, waiter: Waiter | null, options: KeepOptions): void {
    const { why, knownSize, copy = false, otherwise } = options;
    const size = this.#hooks.size();
    const place = {
      at: this.#hooks.now(),
      size: Math.min(knownSize ?? size, size),
      asked: knownSize !== undefined,
      copy,
    };
    const kept = this.#spool.put(event, place, (failure) => {
      if (failure !== null) otherwise('spool-failed', failure);
      else waiter?.reject(spooled(event.id, why));
    });
    if (kept === 'full') otherwise('spool-full', null);
    else if (kept === 'other') {
      const error = conflict(event.id, 'an event in the spool');
      if (waiter === null) this.#hooks.lost('conflict', error);
      else waiter.reject(error);
    } else this.#begin(why);
  }

  /** True where an event of this id waits in the spool: then `waiter` is told of that one. */
  join(event: PreparedEvent, waiter: Waiter | null): boolean {
    if (!this.#spool.isWaiting(event.id)) return false;
    this.keep(event, waiter, { why: this.#why ?? '', otherwise: () => {} });
    return true;
  }

  /** It is durable and signed in the log. */
  committed(id: string): void {
    if (this.#spool.events > 0) this.#spool.done(id);
  }

  /** There may be room for what waits, or nothing waits any more. */
  run(): void {
    if (this.#spool.events === 0) {
      this.#why = null;
      this.#conditions.end('spool');
    } else this.#replay.run();
  }

  /** What was found damaged when it was opened is told: its files may go. */
  tidy(): void {
    this.#spool.tidy();
  }

  /**
   * Resolves when all that is in it now has had its turn.
   * @throws AuditError `SPOOLED` where it has to wait for longer than the log is away: nothing is lost
   */
  async drained(): Promise<void> {
    await this.#spool.settled();
    if (this.#spool.waiting === 0) return;
    const obstacle = this.#hooks.obstacle();
    if (obstacle !== null) throw stillSpooled(this.#spool.waiting, obstacle);
    this.run();
    await new Promise<void>((resolve, reject) => {
      this.#obstacles.push(reject);
      void this.#spool.passed().then(resolve);
    });
  }

  /** What waits will go on waiting. */
  block(reason: string): void {
    for (const reject of this.#obstacles.splice(0)) reject(stillSpooled(this.#spool.waiting, reason));
  }

  /** Resolves when all that was handed in is durable. */
  settled(): Promise<void> {
    return this.#spool.settled();
  }

  close(): Promise<void> {
    return this.#spool.close();
  }

  #begin(why: string): void {
    this.#why = why;
    this.#conditions.begin(
      'spool',
      `Events wait in the spool (${why}); they enter the log as soon as it takes them.`,
    );
  }
}
