// Counts what could not be recorded, by reason, until it stands in the log as `log.gap`. Promise 2 of architecture.md.

/**
 * Why an event was not recorded. `dropped` is the only one somebody chose (a handler of `use()`).
 *
 * - `queue-full`: `emit` found no room · `invalid`: no event the log can hold · `conflict`: its id stands for
 *   another event · `unreadable`: its id could not be looked up · `closed`, `stopped`: the log took nothing more
 */
export type LossReason =
  | 'queue-full'
  | 'invalid'
  | 'conflict'
  | 'unreadable'
  | 'dropped'
  | 'closed'
  | 'stopped';

/** What handlers drop on purpose is told at most this often, in milliseconds, or a filter would fill the log. */
export const DROPPED_INTERVAL = 60_000;

export class LossCount {
  readonly #total: Record<string, number> = {};
  #untold: Record<string, number> | null = null;
  /** True where something is untold that nobody chose to lose. */
  #urgent = false;
  #toldAt = Number.NEGATIVE_INFINITY;

  /** Since the log was opened, by reason. */
  get total(): Readonly<Record<string, number>> {
    return { ...this.#total };
  }

  /** Counted but not yet taken for a `log.gap`. */
  get untold(): Readonly<Record<string, number>> | null {
    return this.#untold;
  }

  /** True where this is the first loss since the last `log.gap`. */
  count(reason: LossReason, events = 1): boolean {
    const first = !this.#urgent && reason !== 'dropped';
    this.#total[reason] = (this.#total[reason] ?? 0) + events;
    this.#untold ??= {};
    this.#untold[reason] = (this.#untold[reason] ?? 0) + events;
    if (reason !== 'dropped') this.#urgent = true;
    return first;
  }

  /** True where a `log.gap` is to be written now. */
  due(now: number): boolean {
    return this.#untold !== null && (this.#urgent || now - this.#toldAt >= DROPPED_INTERVAL);
  }

  /** Hands over what is untold: whoever takes it writes it. */
  take(now: number): Record<string, number> | null {
    const reasons = this.#untold;
    this.#untold = null;
    this.#urgent = false;
    if (reasons !== null) this.#toldAt = now;
    return reasons;
  }
}
