// Alerts that are not delivered everywhere yet. Bounded, and in the journal before anybody is told.
import { LEVELS } from '@audit/core';
import type { Alert } from './alert.ts';
import type { JournalRecord } from './journal.ts';

/** An alert and who still waits for it. */
export interface Pending {
  readonly alert: Alert;
  /** Channels that it is not delivered to yet. */
  readonly to: Set<string>;
  /** `alert.raised` is in the log. */
  recorded: boolean;
}

/** How the delivery by one channel ended. */
export type Ending = 'delivered' | 'failed' | 'dropped';

export type OutboxRecord =
  | { readonly raise: Alert; readonly to: readonly string[]; readonly recorded: boolean }
  | { readonly end: string; readonly channel: string }
  | { readonly recorded: string };

export interface OutboxOptions {
  /** Alerts, at most. */
  readonly most: number;
  readonly add: (record: JournalRecord) => void;
  /** There was no room for it any more. */
  readonly dropped: (pending: Pending) => void;
}

export class Outbox {
  readonly #options: OutboxOptions;
  readonly #alerts = new Map<string, Pending>();

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#alerts.size;
  }

  /** Oldest first. */
  [Symbol.iterator](): IterableIterator<Pending> {
    return this.#alerts.values();
  }

  add(alert: Alert, to: readonly string[]): Pending {
    const pending = { alert, to: new Set(to), recorded: false };
    this.#alerts.set(alert.id, pending);
    this.#options.add({ raise: alert, to, recorded: false });
    if (this.#alerts.size > this.#options.most) this.#drop(this.#leastOf());
    return pending;
  }

  /** A channel is done with it. */
  end(id: string, channel: string): void {
    const pending = this.#alerts.get(id);
    if (pending?.to.delete(channel) !== true) return;
    this.#options.add({ end: id, channel });
    this.#forgetDone(pending);
  }

  /** `alert.raised` is in the log. */
  recorded(id: string): void {
    const pending = this.#alerts.get(id);
    if (pending === undefined || pending.recorded) return;
    pending.recorded = true;
    this.#options.add({ recorded: id });
    this.#forgetDone(pending);
  }

  has(id: string): boolean {
    return this.#alerts.has(id);
  }

  /** Takes what a record of the journal says. */
  restore(record: OutboxRecord): void {
    if ('raise' in record) {
      const { raise: alert, to, recorded } = record;
      this.#alerts.set(alert.id, { alert, to: new Set(to), recorded });
      return;
    }
    const id = 'end' in record ? record.end : record.recorded;
    const pending = this.#alerts.get(id);
    if (pending === undefined) return;
    if ('end' in record) pending.to.delete(record.channel);
    else pending.recorded = true;
    this.#forgetDone(pending);
  }

  *records(): IterableIterator<OutboxRecord> {
    for (const { alert, to, recorded } of this.#alerts.values())
      yield { raise: alert, to: [...to], recorded };
  }

  #forgetDone({ alert, to, recorded }: Pending): void {
    if (recorded && to.size === 0) this.#alerts.delete(alert.id);
  }

  /** The oldest of the least severe. */
  #leastOf(): Pending {
    let least: Pending | undefined;
    for (const pending of this.#alerts.values()) {
      if (least === undefined || weightOf(pending.alert) < weightOf(least.alert)) least = pending;
    }
    return least!;
  }

  #drop(pending: Pending): void {
    this.#alerts.delete(pending.alert.id);
    for (const channel of pending.to) this.#options.add({ end: pending.alert.id, channel });
    this.#options.add({ recorded: pending.alert.id });
    this.#options.dropped(pending);
  }
}

/** Higher is more severe. */
export function weightOf({ severity }: Alert): number {
  return LEVELS.indexOf(severity);
}
