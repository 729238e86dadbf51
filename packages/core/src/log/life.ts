// The log writes its own life: the `log.*` entries of events.md.
import { type AuditEvent, ENTRY_VERSION, type Level, type Outcome } from '../event/model.ts';
import { createPreparer, type Preparer } from '../event/prepare.ts';
import type { PreparedEvent } from '../event/prepared.ts';
import { formatTime } from '../event/time.ts';
import type { Hasher } from '../merkle/hasher.ts';
import { createRedactor } from '../privacy/redactor.ts';
import type { VerifyReport } from '../verify/report.ts';
import type { ClockStep } from './clock.ts';
import type { Gap } from './loss.ts';
import { VERDICT_LEVELS, VERDICT_OUTCOMES, type VerifiedPeriod, verdictData } from './verdict-entry.ts';

/** Name and version of what writes, as `log.create` and `log.open` say it. Equals package.json; a test compares. */
export const SOFTWARE = '@audit/core 0.1.0';

/** Who writes, as the application names itself: OpenTelemetry's `service.name` and `service.instance.id`. */
export interface Writer {
  readonly service?: string | undefined;
  readonly instance?: string | undefined;
}

/** Makes the log's own events. */
export class Life {
  readonly #prepare: Preparer;
  readonly #origin: string;
  readonly #writer: Writer;

  constructor(origin: string, hasher: Hasher, newId: () => string, { service, instance }: Writer = {}) {
    this.#origin = origin;
    this.#writer = {
      ...(service !== undefined && { service }),
      ...(instance !== undefined && { instance }),
    };
    // Own events hold no secrets but do hold notes and keys, which a pattern could take for some.
    const redactor = createRedactor({ enabled: false });
    this.#prepare = createPreparer({ redactor, hasher, newId });
  }

  /** Entry 0. */
  create(vkeys: readonly string[], warnings: readonly string[]): PreparedEvent {
    return this.#event('create', 'info', {
      origin: this.#origin,
      vkeys,
      format: ENTRY_VERSION,
      software: SOFTWARE,
      ...this.#writer,
      ...some(warnings),
    });
  }

  open(size: number, warnings: readonly string[]): PreparedEvent {
    return this.#event('open', 'info', { software: SOFTWARE, size, ...this.#writer, ...some(warnings) });
  }

  recover(data: Readonly<Record<string, unknown>>): PreparedEvent {
    return this.#event('recover', 'security', data);
  }

  close(): PreparedEvent {
    return this.#event('close', 'info');
  }

  heartbeat(): PreparedEvent {
    return this.#event('heartbeat', 'info');
  }

  /** `checkpoint` is the note of everything before this entry. */
  rotate(checkpoint: string): PreparedEvent {
    return this.#event('rotate', 'info', { checkpoint });
  }

  /** What is pruned, and why. */
  prune(data: Readonly<Record<string, unknown>>): PreparedEvent {
    return this.#event('prune', 'security', data);
  }

  clock({ from, to }: ClockStep): PreparedEvent {
    return this.#event('clock', 'info', { from: formatTime(from), to: formatTime(to) });
  }

  /** What was not recorded, by reason, and what adapters know of it. */
  gap({ reasons, dropped, reports, reportsOmitted }: Gap): PreparedEvent {
    return this.#event('gap', 'critical', {
      reasons,
      ...(dropped !== undefined && { dropped }),
      ...(reports.length > 0 && { reports }),
      ...(reportsOmitted > 0 && { reportsOmitted }),
    });
  }

  /** What a verification of the whole log, or of a period of it, came to. */
  verify(report: VerifyReport, period: VerifiedPeriod): PreparedEvent {
    const { verdict } = report;
    return this.#event(
      'verify',
      VERDICT_LEVELS[verdict],
      verdictData(report, period),
      VERDICT_OUTCOMES[verdict],
    );
  }

  #event(
    name: string,
    level: Level,
    data?: Readonly<Record<string, unknown>>,
    outcome: Outcome = 'success',
  ): PreparedEvent {
    const event: AuditEvent = {
      type: `log.${name}`,
      category: 'audit',
      level,
      operation: name,
      resource: { type: 'log', id: this.#origin },
      outcome,
      data,
    };
    return this.#prepare(event, { own: true });
  }
}

function some(warnings: readonly string[]): { readonly warnings?: readonly string[] } {
  return warnings.length === 0 ? {} : { warnings };
}
