// The one bounded queue: events accepted but not yet committed, and its room in events and bytes.
import type { PreparedEvent } from '../event/prepared.ts';
import type { Waiter } from './waiter.ts';

/** Events taken together; `events[i]` and `waiters[i]` belong together. */
export interface Taken {
  readonly events: PreparedEvent[];
  readonly waiters: (Waiter | null)[];
}

/**
 * First in, first out. What was taken still counts until it is released, so the limits bound everything that
 * would be lost with the process.
 */
export class Queue {
  readonly #maxEvents: number;
  readonly #maxBytes: number;
  #events: PreparedEvent[] = [];
  #waiters: (Waiter | null)[] = [];
  /** Index of the next event to take: arrays are swapped when empty, never shifted. */
  #next = 0;
  #heldEvents = 0;
  #heldBytes = 0;
  #accepted = 0;
  #released = 0;
  /** Position up to which somebody waits for what is in line. */
  #awaited = 0;

  constructor(maxEvents: number, maxBytes: number) {
    this.#maxEvents = maxEvents;
    this.#maxBytes = maxBytes;
  }

  /** Events not yet committed. */
  get events(): number {
    return this.#heldEvents;
  }

  /** Their bytes. */
  get bytes(): number {
    return this.#heldBytes;
  }

  /** Events waiting to be taken. */
  get waiting(): number {
    return this.#events.length - this.#next;
  }

  /** Events ever pushed: the position a `flush` waits for. */
  get accepted(): number {
    return this.#accepted;
  }

  /** Events ever released, in the order they were pushed. */
  get released(): number {
    return this.#released;
  }

  /** True where somebody waits for an event in line: a `record`, or a `flush`. */
  get awaited(): boolean {
    return this.#awaited > this.#accepted - this.waiting;
  }

  /** True from the moment that half of the room is taken. */
  get crowded(): boolean {
    return this.#heldEvents * 2 >= this.#maxEvents || this.#heldBytes * 2 >= this.#maxBytes;
  }

  /** A single event larger than the whole queue passes when nothing else is there. */
  hasRoom(bytes: number): boolean {
    return (
      this.#heldEvents < this.#maxEvents &&
      (this.#heldBytes + bytes <= this.#maxBytes || this.#heldEvents === 0)
    );
  }

  /** Appends. Whether there is room is the caller's question: the log's own entries never ask. */
  push(event: PreparedEvent, waiter: Waiter | null): void {
    this.#events.push(event);
    this.#waiters.push(waiter);
    this.#heldEvents++;
    this.#heldBytes += event.bytes;
    this.#accepted++;
    if (waiter !== null) this.#awaited = this.#accepted;
  }

  /** From now on somebody waits for everything in line. */
  hurry(): void {
    this.#awaited = this.#accepted;
  }

  /** Counts an event that is not in line yet (its id is still being looked up). */
  hold(event: PreparedEvent): void {
    this.#heldEvents++;
    this.#heldBytes += event.bytes;
  }

  /** Ends `hold`. */
  letGo(event: PreparedEvent): void {
    this.#heldEvents--;
    this.#heldBytes -= event.bytes;
  }

  /** The next events, at least one if any waits; null where none does. They go on counting until `release`. */
  take(maxEvents: number, maxBytes: number): Taken | null {
    const from = this.#next;
    const limit = Math.min(this.#events.length, from + maxEvents);
    if (from === limit) return null;
    let bytes = this.#events[from]!.bytes;
    let to = from + 1;
    while (to < limit && bytes + this.#events[to]!.bytes <= maxBytes) bytes += this.#events[to++]!.bytes;
    if (from === 0 && to === this.#events.length) {
      const taken = { events: this.#events, waiters: this.#waiters };
      this.#clear();
      return taken;
    }
    const taken = { events: this.#events.slice(from, to), waiters: this.#waiters.slice(from, to) };
    this.#next = to;
    if (to === this.#events.length) this.#clear();
    else if (to > this.#events.length / 2) this.#compact();
    return taken;
  }

  /** Committed, or given up: their room is free again. */
  release(events: number, bytes: number): void {
    this.#heldEvents -= events;
    this.#heldBytes -= bytes;
    this.#released += events;
  }

  /** Those who wait for events still in line. */
  get waiters(): (Waiter | null)[] {
    if (this.#next > 0) this.#compact();
    return this.#waiters;
  }

  /** Events still in line, oldest first. */
  pending(): readonly PreparedEvent[] {
    return this.#next === 0 ? this.#events : this.#events.slice(this.#next);
  }

  #clear(): void {
    this.#events = [];
    this.#waiters = [];
    this.#next = 0;
  }

  // Drops what was taken. Done when it is more than half, each event is moved once on average.
  #compact(): void {
    this.#events = this.#events.slice(this.#next);
    this.#waiters = this.#waiters.slice(this.#next);
    this.#next = 0;
  }
}
