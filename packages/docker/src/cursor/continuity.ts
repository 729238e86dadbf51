// What was handled of an engine's stream: in this process by its keys, before it by the ids in the log.
import type { AuditLog } from '@audit/core';
import type { IdentifiedEngine } from '../connection/engine.ts';
import { type EngineRef, entryId } from '../events/provenance.ts';
import { KnownObjects } from '../reconcile/objects.ts';
import { type EngineMessage, messageKey } from '../stream/message.ts';
import { nanoOfMs } from '../stream/nanoseconds.ts';
import { Inventory } from './inventory.ts';
import { remember } from './remembered.ts';
import { Seen } from './seen.ts';

/**
 * Messages are asked for again from so long before the cursor, in nanoseconds: engines send messages of the same
 * moment out of order, and stop looking at the first that is too old.
 */
export const OVERLAP = 2_000_000_000n;

/** All the engine has. */
const EARLIEST = 1_000_000_000n;

export class Continuity {
  readonly #log: AuditLog;
  readonly #seen = new Seen();
  /** Networks and volumes. */
  readonly objects = new KnownObjects();
  #engine: EngineRef | null = null;
  #recorded: ReadonlySet<string> = new Set();
  #inventory = new Inventory();
  #cursor: bigint | null = null;
  #from = 0n;
  #firstEver = true;
  /** The engine's memory was empty when it was last asked: that it is empty still proves as much as can be. */
  #blank = false;

  constructor(log: AuditLog) {
    this.#log = log;
  }

  get inventory(): Inventory {
    return this.#inventory;
  }

  /** Time of the last message that was handled: last by order, since an engine's clock may be set back. */
  get cursor(): bigint | null {
    return this.#cursor;
  }

  /**
   * From when on messages are asked for: those of before the first watch are only held on to.
   * @param now by the engine's clock, which may have been set back: an engine refuses questions about times to come
   */
  since(now: bigint): bigint {
    if (this.#cursor === null && this.#firstEver) return EARLIEST;
    const last = this.#cursor ?? this.#from;
    return (last < now ? last : now) - OVERLAP;
  }

  /** Nothing of this engine was in the log: what it has was there before the watch. */
  get firstEver(): boolean {
    return this.#firstEver;
  }

  /** Reads the log for what it has of an engine. */
  async load(engine: IdentifiedEngine): Promise<void> {
    const { cursor, ids, writtenAt, inventory, empty } = await remember(this.#log, engine.key);
    this.#engine = engine;
    this.#seen.clear();
    this.#recorded = ids;
    this.#inventory = inventory;
    this.#cursor = cursor;
    // Nothing had happened when it was last watched: what has since may be older than this watch.
    const last = nanoOfMs(writtenAt ?? Date.now());
    this.#from = writtenAt !== null && last < engine.now ? last : engine.now;
    this.objects.reset(cursor);
    this.#firstEver = empty;
    this.#blank = false;
  }

  /** Whether what the engine has of the time since the cursor begins with what was handled: then nothing is missing. */
  isProvenBy(past: readonly EngineMessage[]): boolean {
    if (this.#cursor === null) return this.#firstEver || this.#blank;
    return past.some((message) => this.isKnown(message));
  }

  /**
   * What came before is settled, as known or as missing. Messages from before the watch are not its own, but the next
   * proof may hold on to them.
   */
  proven(past: readonly EngineMessage[]): void {
    const known = past.some((message) => this.isKnown(message));
    if (this.#cursor !== null && known) return;
    const before = this.#firstEver ? past.filter(({ timeNano }) => timeNano <= this.#from) : [];
    this.#cursor = null;
    for (const message of before) this.handled(message, messageKey(message));
    this.#blank = past.length === 0;
  }

  /** What the engine has was compared with the log: from now on whatever is new is news. */
  compared(): void {
    this.#firstEver = false;
  }

  /** A message with this key was handled by this process. */
  hasHandled(key: string): boolean {
    return this.#seen.has(key);
  }

  /** An entry with this id was in the log before. */
  isRecorded(id: string): boolean {
    return this.#recorded.has(id);
  }

  /** The message was handled, by this process or an earlier one. */
  isKnown(message: EngineMessage): boolean {
    const key = messageKey(message);
    return this.#seen.has(key) || (this.#engine !== null && this.#recorded.has(entryId(this.#engine, key)));
  }

  handled(message: EngineMessage, key: string): void {
    this.#seen.add(key);
    this.objects.note(message);
    this.#cursor = message.timeNano;
  }
}
