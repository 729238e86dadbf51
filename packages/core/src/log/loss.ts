// Counts what could not be recorded, by reason, until it stands in the log as `log.gap`. Promise 2 of architecture.md.
import type { JsonObject } from '../event/model.ts';
import type { PreparedReport } from './gap-report.ts';

/**
 * Why an event was not recorded.
 *
 * - `dropped`: a handler of `use()` chose so
 * - `refused`: the log was told to take none (`divert`)
 * - `spool-full`, `spool-failed`: the spool should have kept it, and had no room or could not be written
 * - `queue-full`: `emit` found no room · `invalid`: no event the log can hold · `conflict`: its id stands for
 *   another event · `unreadable`: its id could not be looked up · `closed`, `stopped`: the log took nothing more
 */
export type LossReason =
  | 'queue-full'
  | 'invalid'
  | 'conflict'
  | 'unreadable'
  | 'dropped'
  | 'refused'
  | 'spool-full'
  | 'spool-failed'
  | 'closed'
  | 'stopped';

/** What is lost by choice is told at most this often, in milliseconds, or a filter would fill the log. */
export const DROPPED_INTERVAL = 60_000;
/** Lost by choice, of a handler or of whoever diverts events: it goes on for as long as they choose. */
const CHOSEN: ReadonlySet<string> = new Set(['dropped', 'refused'] satisfies LossReason[]);
/** One `log.gap` holds at most this many reports; those beyond are counted, in it and by reason. */
export const MAX_GAP_REPORTS = 24;

/** One `log.gap` names at most this many types of what was dropped; those beyond are counted together, as `*`. */
export const MAX_DROPPED_TYPES = 64;
/** As events are typed; anything else handed in for a type is counted as `*`. */
const TYPE = /^[a-z][a-z0-9_.-]{0,127}$/;

/** What one `log.gap` tells. */
export interface Gap {
  /** Events that were not recorded, by reason. */
  readonly reasons: Readonly<Record<string, number>>;
  /** Those that handlers dropped, by type; undefined where none was. */
  readonly dropped: Readonly<Record<string, number>> | undefined;
  /** What adapters know of it, oldest first. */
  readonly reports: readonly JsonObject[];
  /** Reports beyond `MAX_GAP_REPORTS`. */
  readonly reportsOmitted: number;
}

export class LossCount {
  readonly #total: Record<string, number> = {};
  #untold: Record<string, number> | null = null;
  #dropped = new Map<string, number>();
  #droppedOthers = 0;
  #reports: JsonObject[] = [];
  #reportsOmitted = 0;
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
    return this.#count(reason, events);
  }

  /** Counts an event that a handler dropped, with its type as it was handed in. */
  drop(type: unknown): void {
    const told = this.#dropped.get(type as string);
    const named = told !== undefined || (this.#dropped.size < MAX_DROPPED_TYPES && TYPE.test(String(type)));
    if (named) this.#dropped.set(type as string, (told ?? 0) + 1);
    else this.#droppedOthers++;
    this.#count('dropped', 1);
  }

  /** Likewise, of what an adapter reports. */
  report({ reason, events, report }: PreparedReport): boolean {
    if (this.#reports.length < MAX_GAP_REPORTS) this.#reports.push(report);
    else this.#reportsOmitted++;
    return this.#count(reason, events);
  }

  #droppedByType(): Readonly<Record<string, number>> | undefined {
    const others: [string, number][] = this.#droppedOthers > 0 ? [['*', this.#droppedOthers]] : [];
    const all = [...this.#dropped, ...others];
    return all.length > 0 ? Object.fromEntries(all) : undefined;
  }

  #count(reason: string, events: number): boolean {
    const chosen = CHOSEN.has(reason);
    const first = !this.#urgent && !chosen;
    this.#total[reason] = (this.#total[reason] ?? 0) + events;
    this.#untold ??= {};
    this.#untold[reason] = (this.#untold[reason] ?? 0) + events;
    if (!chosen) this.#urgent = true;
    return first;
  }

  /** What was lost by choice is told now: the choice has ended. */
  hurry(): void {
    if (this.#untold !== null) this.#urgent = true;
  }

  /**
   * True where a `log.gap` is to be written now.
   * @param sparing nothing is so urgent that it may be told more often than what is lost by choice
   */
  due(now: number, sparing = false): boolean {
    return this.#untold !== null && ((this.#urgent && !sparing) || now - this.#toldAt >= DROPPED_INTERVAL);
  }

  /** Hands over what is untold: whoever takes it writes it. */
  take(now: number): Gap | null {
    if (this.#untold === null) return null;
    const gap = {
      reasons: this.#untold,
      dropped: this.#droppedByType(),
      reports: this.#reports,
      reportsOmitted: this.#reportsOmitted,
    };
    this.#untold = null;
    this.#dropped = new Map();
    this.#droppedOthers = 0;
    this.#reports = [];
    this.#reportsOmitted = 0;
    this.#urgent = false;
    this.#toldAt = now;
    return gap;
  }
}
