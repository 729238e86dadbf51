// From the spool into the queue of the log: in order, each once, without taking the room of what comes in meanwhile.

import type { AuditError } from '../errors.ts';
import type { Entry } from '../event/model.ts';
import { contentOfEntry, isContentOf, type PreparedEvent } from '../event/prepared.ts';
import type { SpooledEvent } from '../spool/line.ts';
import type { Spool, SpoolLine } from '../spool/spool.ts';
import type { AuditStore } from '../store/store.ts';
import { idOf } from './id-index.ts';
import { conflict } from './idempotency.ts';

/** Lines read, and handed on, together at most. */
const LINES = 256;
/** Entries read between two breaths for other work. */
const ENTRIES_A_BREATH = 512;
/** Until a spool that cannot be read is read again, in milliseconds. */
const RETRY = 1_000;

export interface ReplayHooks {
  /** True while the log takes what waits. */
  open(): boolean;
  /** Entries committed. */
  size(): number;
  /**
   * Puts the event in the queue, as it happened at `at`. False where it is in the log already.
   * @throws AuditError `ID_CONFLICT`; Error where that cannot be known now
   */
  take(event: PreparedEvent, at: string, knownSize: number | undefined): Promise<boolean>;
  /** The event will not be recorded: its id stands for another. */
  lost(error: AuditError): void;
  failed(error: Error): void;
}

export class Replay {
  readonly #spool: Spool;
  readonly #store: AuditStore;
  readonly #hooks: ReplayHooks;
  #running = false;
  #again = false;
  #timer: NodeJS.Timeout | undefined;
  /** Of what earlier runs left: ids found in the log, and where. */
  readonly #standing = new Map<string, number>();
  #looked = 0;

  constructor(spool: Spool, store: AuditStore, hooks: ReplayHooks) {
    this.#spool = spool;
    this.#store = store;
    this.#hooks = hooks;
  }

  /** Something waits, or there is room: goes on, if it does not already. */
  run(): void {
    this.#again = true;
    if (this.#running || this.#spool.waiting === 0 || !this.#hooks.open()) return;
    this.#running = true;
    void this.#drain()
      .catch((error: Error) => {
        this.#again = false;
        this.#hooks.failed(error);
        this.#timer ??= setTimeout(() => {
          this.#timer = undefined;
          this.run();
        }, RETRY).unref();
      })
      .finally(() => {
        this.#running = false;
        if (this.#again) this.run();
      });
  }

  async #drain(): Promise<void> {
    while (this.#hooks.open()) {
      this.#again = false;
      const lines = this.#spool.peek(LINES);
      if (lines.length === 0) return;
      if (this.#looked !== this.#spool.loads) await this.#look();
      const read = await this.#spool.read(lines);
      for (const [i, line] of lines.entries()) {
        if (!this.#hooks.open()) return;
        const spooled = read[i]!;
        if (spooled === null || !(await this.#hand(line, spooled))) this.#spool.done(line.id);
        else this.#spool.handed(line.id);
      }
    }
  }

  /** True where it is in the queue now; false where there is nothing more to do for it. */
  async #hand(line: SpoolLine, { event, at }: SpooledEvent): Promise<boolean> {
    try {
      const seq = this.#standing.get(line.id);
      if (seq === undefined) return await this.#hooks.take(event, at, line.asked ? line.size : undefined);
      this.#standing.delete(line.id);
      await this.#compare(event, seq);
      return false;
    } catch (error) {
      if ((error as AuditError).code !== 'ID_CONFLICT') throw error;
      this.#hooks.lost(error as AuditError);
      return false;
    }
  }

  /**
   * One pass over what was committed since the first of them was spooled: whatever an earlier run left may have got
   * into the log before that run, or its removal from the spool, ended.
   */
  async #look(): Promise<void> {
    const looked = this.#spool.loads;
    const from = this.#spool.doubtfulFrom;
    if (from !== null) {
      let read = 0;
      for await (const { seq, text } of this.#store.entries(from, this.#hooks.size())) {
        const id = idOf(text);
        if (this.#spool.isWaiting(id)) this.#standing.set(id, seq);
        if (++read % ENTRIES_A_BREATH === 0) await new Promise((resolve) => setImmediate(resolve));
      }
    }
    this.#looked = looked;
  }

  async #compare(event: PreparedEvent, seq: number): Promise<void> {
    for await (const { text } of this.#store.entries(seq, seq + 1)) {
      const { prev, time } = JSON.parse(text) as Entry;
      if (!isContentOf(contentOfEntry(text, prev, seq, time), event))
        throw conflict(event.id, `entry ${seq}`);
    }
  }
}
