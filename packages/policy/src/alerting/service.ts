// Alerting as it runs: rules over the log, alerts in the outbox, couriers on their way. Wires them, and does no more.
import { AsyncResource } from 'node:async_hooks';
import type { AuditLog, VerifyReport } from '@audit/core';
import { Conditions } from './conditions.ts';
import { Deliveries } from './deliveries.ts';
import { Follower } from './follower.ts';
import { Journal, type JournalContents, type JournalRecord } from './journal.ts';
import { type AlertingPolicy, DEFAULT_ALERT_CATCH_UP, DEFAULT_ALERT_OUTBOX } from './options.ts';
import { Outbox, type Pending } from './outbox.ts';
import { missedEvent, raisedEvent } from './own-entries.ts';
import { Records } from './records.ts';
import { type Raised, Rules } from './rules.ts';
import { type PlaceRecord, readSaved, type Saved } from './saved.ts';
import type { AlertingStatus } from './status.ts';

/** Conditions and absences are looked at so often, in milliseconds. */
export const LOOK_INTERVAL = 1_000;
/** Looks between two attempts to record what the log did not take. */
const LOOKS_A_RETRY = 5;

export interface ServiceOptions {
  readonly log: AuditLog;
  readonly alerting: AlertingPolicy;
  readonly stateDirectory: string;
  /** Wall clock. */
  readonly now: () => number;
  readonly found: JournalContents;
}

export class AlertingService {
  readonly #now: () => number;
  readonly #log: AuditLog;
  readonly #saved: Saved;
  /** Where it goes on: what was saved, unless the log is shorter. */
  readonly #from: PlaceRecord;
  readonly #journal: Journal;
  readonly #records: Records;
  readonly #outbox: Outbox;
  readonly #deliveries: Deliveries;
  readonly #rules: Rules;
  readonly #follower: Follower;
  readonly #conditions: Conditions;
  #unsubscribe: readonly (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #stopping: Promise<void> | undefined;
  #looks = 0;
  #problem: string | undefined;
  #skipped = 0;
  #dropped = 0;
  #droppedUntold = 0;
  #unreadable: number;
  /** Place in the newest append. */
  #written = -1;

  constructor({ log, alerting, stateDirectory, now, found }: ServiceOptions) {
    this.#log = log;
    this.#now = now;
    this.#unreadable = found.unreadable;
    const beginning: PlaceRecord = { next: log.info().size, time: now(), withheld: {} };
    this.#saved = readSaved(found.records, log.origin, beginning);
    this.#from = this.#saved.place.next > beginning.next ? beginning : this.#saved.place;
    this.#journal = new Journal({
      stateDirectory,
      contents: () => this.#contents(),
      last: () => this.#place(),
    });
    this.#records = new Records(log);
    this.#outbox = new Outbox({
      most: alerting.outbox ?? DEFAULT_ALERT_OUTBOX,
      add: (record) => this.#journal.add(record),
      dropped: (pending) => {
        this.#dropped++;
        this.#droppedUntold++;
        this.#deliveries.forget(pending);
      },
    });
    this.#deliveries = new Deliveries({
      log,
      channels: alerting.channels ?? {},
      outbox: this.#outbox,
      records: this.#records,
      now,
      ended: () => void this.#journal.write(),
    });
    const { since, told, place, outbox } = this.#saved;
    this.#rules = new Rules({ alerting, origin: log.origin, since, raise: (raised) => this.#raise(raised) });
    // Of a log that is shorter, sequence numbers say nothing.
    if (this.#from === place) this.#rules.restore(told, place.withheld);
    for (const record of outbox) this.#outbox.restore(record);
    const { lookBack } = this.#rules;
    this.#follower = new Follower({
      log,
      next: this.#from.next,
      again: lookBack === 0 ? null : new Date(Math.max(0, this.#from.time - lookBack)),
      most: alerting.catchUp ?? DEFAULT_ALERT_CATCH_UP,
      see: (entry, again) => this.#rules.see(entry, again),
      remembered: () => this.#rules.remembered(),
      skipped: (from, to) => {
        this.#skipped += to - from;
        this.#records.add(missedEvent({ reason: 'more entries than alerting.catchUp', from, to }));
      },
    });
    this.#conditions = new Conditions(log, this.#rules, now);
  }

  /** Resolves once the place in the log is durable. */
  async start(): Promise<void> {
    await this.#journal.write({ sync: true });
    // A log that is shorter than what was looked at is another one, or was brought back from a copy.
    if (this.#from !== this.#saved.place) {
      const { next: looked } = this.#saved.place;
      this.#records.add(missedEvent({ reason: 'the log is shorter than what was looked at', looked }));
    }
    if (this.#unreadable > 0) {
      const lines = this.#unreadable;
      this.#records.add(missedEvent({ reason: 'lines of the journal cannot be read', lines }));
    }
    for (const pending of [...this.#outbox]) this.#announce(pending);
    const degraded = ({ reason }: { readonly reason: string }) => this.#conditions.degraded(reason);
    this.#unsubscribe = [
      this.#log.on('degraded', AsyncResource.bind(degraded)),
      this.#log.on(
        'error',
        AsyncResource.bind(() => this.#look()),
      ),
    ];
    this.#follower.start();
    this.#look();
    this.#timer = setInterval(() => this.#look(), LOOK_INTERVAL);
    this.#timer.unref();
  }

  report(report: VerifyReport): void {
    this.#rules.verified(report, this.#now());
  }

  status(): AlertingStatus {
    const rules = this.#rules.all.map(({ name, counts, recent, absences }) => {
      const forgotten = recent.forgotten + (absences?.forgotten ?? 0);
      return [name, { ...counts, forgotten }] as const;
    });
    const problems = [this.#problem, this.#journal.problem, this.#follower.problem];
    return {
      rules: Object.fromEntries(rules),
      channels: this.#deliveries.status(),
      behind: this.#follower.behind,
      skipped: this.#skipped,
      outbox: this.#outbox.size,
      dropped: this.#dropped,
      unrecorded: this.#records.unrecorded,
      problems: [...problems.filter((sentence) => sentence !== undefined), ...this.#deliveries.problems],
    };
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    clearInterval(this.#timer);
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    await this.#follower.stop();
    // What was just raised is on its way then.
    await this.#journal.write({ sync: true });
    await this.#deliveries.stop();
    await this.#records.stop();
    await this.#journal.close();
  }

  /** Durable before anybody is told. Where that fails, being told late is worse than being told twice. */
  #raise({ alert, channels, told }: Raised): void {
    if (told !== undefined) this.#journal.add({ told });
    const pending = this.#outbox.add(alert, channels ?? this.#deliveries.names);
    void this.#journal.write({ sync: true }).then(() => this.#announce(pending));
  }

  #announce(pending: Pending): void {
    const { alert, recorded } = pending;
    if (!recorded) this.#records.add(raisedEvent(alert), () => this.#outbox.recorded(alert.id));
    this.#deliveries.send(pending);
  }

  #look(): void {
    try {
      this.#conditions.look();
      void this.#conditions.lookAtDisk();
      // Before every entry was looked at, an absence is none.
      if (this.#follower.live) this.#rules.sweep(this.#now());
      else this.#follower.retry();
      this.#tellDropped();
      if (++this.#looks % LOOKS_A_RETRY === 0) this.#records.retry();
      const changed = this.#follower.next !== this.#written || this.#journal.problem !== undefined;
      if (changed) void this.#journal.write();
      this.#problem = undefined;
    } catch (error) {
      this.#problem = `Alerting could not look at the log (${(error as Error).message}); it tries again.`;
    }
  }

  #tellDropped(): void {
    if (this.#droppedUntold === 0) return;
    this.#records.add(
      missedEvent({ reason: 'more alerts than alerting.outbox', dropped: this.#droppedUntold }),
    );
    this.#droppedUntold = 0;
  }

  #place(): PlaceRecord {
    const { next, time } = this.#follower;
    this.#written = next;
    const at = time === undefined ? this.#from.time : Date.parse(time);
    return { next, time: at, withheld: this.#rules.withheld };
  }

  #contents(): readonly JournalRecord[] {
    return [
      { log: this.#log.origin, since: this.#saved.since },
      ...[...this.#rules.told()].map((told) => ({ told })),
      ...this.#outbox.records(),
      this.#place(),
    ];
  }
}
