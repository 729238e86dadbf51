// One limit of one container: readings on one side, violations on the other.
import type { Reading } from './reading.ts';
import { Threshold, type ThresholdTiming } from './threshold.ts';
import { Violation, type ViolationOf, type ViolationPorts } from './violation.ts';
import type { CloseReason, ViolationFacts } from './violation-event.ts';

export interface LimitWatchPorts extends ViolationPorts {
  /** A violation opens; `closing` is what `stop()` waits for. */
  readonly opened: () => void;
  readonly closing: (told: Promise<void>) => void;
}

export class LimitWatch {
  readonly #of: () => ViolationOf;
  readonly #threshold: Threshold;
  readonly #ports: LimitWatchPorts;
  #violation: Violation | undefined;
  #kills = 0;

  /** @param of asked when a violation opens: a container may have been renamed */
  constructor(of: () => ViolationOf, timing: ThresholdTiming, ports: LimitWatchPorts) {
    this.#of = of;
    this.#threshold = new Threshold(timing);
    this.#ports = ports;
  }

  get open(): boolean {
    return this.#violation !== undefined;
  }

  get tense(): boolean {
    return this.#threshold.tense;
  }

  /** @param at when it happened, where the engine said so */
  read(reading: Reading | null, now: number, at?: Date): void {
    const phase = this.#threshold.read(reading, now);
    if (phase === 'opened') {
      this.#violation = new Violation(this.#of(), this.#facts(now), this.#ports, at);
      this.#ports.opened();
    } else if (phase === 'updated') {
      this.#violation?.update(this.#facts(now));
    } else if (phase === 'closed') {
      this.end('recovered', now, at);
    }
  }

  /** One more out-of-memory kill, of a container that had `reading.limit`. */
  killed(reading: Reading, now: number, at?: Date): void {
    this.#kills++;
    this.read(reading, now, at);
  }

  /** Closes what is open. */
  end(reason: CloseReason, now: number, at?: Date): void {
    const violation = this.#violation;
    if (violation !== undefined) this.#ports.closing(violation.close(this.#facts(now), reason, at));
    this.#violation = undefined;
    this.#kills = 0;
    this.#threshold.reset();
  }

  #facts(now: number): ViolationFacts {
    const { reading, peak } = this.#threshold;
    return {
      reading: reading as Reading,
      peak,
      sustainedMs: this.#threshold.sustainedMs(now),
      ...(this.#kills > 0 && { kills: this.#kills }),
    };
  }
}
