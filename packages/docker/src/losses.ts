// What was lost on the way to the log, until `log.gap` tells of it.
import type { EngineRef } from './events/provenance.ts';
import type { Scribe } from './scribe.ts';
import { formatNano } from './stream/nanoseconds.ts';

/** How many events are missing, where nobody can know. */
const UNKNOWN = 0;

const EVENTS_NOTE =
  'The engine no longer has the last message that was recorded: it was started anew, or more than its last 256 ' +
  'messages came meanwhile. What it has now was compared with the log; what began and ended meanwhile may be missing.';
const QUEUE_NOTE =
  'The log was slower than the engine for too long. What the engine has was compared with the log.';
const UNREADABLE_NOTE = 'The engine sent what is no message. What it has was compared with the log.';
const REFUSED_NOTE =
  'The log did not take what the engine has told. Where the watch was ended while the log was busy, the next one ' +
  'records it, as far as the engine still has it.';

export class Losses {
  readonly #scribe: Scribe;
  readonly #told: (reason: string) => void;
  #dropped = 0;
  #unreadable = 0;
  #refused = 0;

  /** @param told called once a gap is in the log */
  constructor(scribe: Scribe, told: (reason: string) => void) {
    this.#scribe = scribe;
    this.#told = told;
  }

  /** A message found the queue full. */
  drop(): void {
    this.#dropped++;
  }

  /** Something came that is no message. */
  misread(): void {
    this.#unreadable++;
  }

  /** The log has not taken an event, and is not asked again. */
  refuse(): void {
    this.#refused++;
  }

  /** The stream does not go on where it ended. @param from null where nothing was recorded before */
  async tellBreak(engine: EngineRef, from: bigint | null, to: bigint): Promise<void> {
    const times = { ...(from !== null && { from: formatNano(from) }), to: formatNano(to) };
    await this.#tell(engine, 'docker-events', UNKNOWN, EVENTS_NOTE, times);
  }

  /** Tells what was counted; true where there was anything. */
  async tellCounts(engine: EngineRef): Promise<boolean> {
    const dropped = this.#dropped;
    const unreadable = this.#unreadable;
    const refused = this.#refused;
    this.#dropped = this.#unreadable = this.#refused = 0;
    if (dropped > 0) await this.#tell(engine, 'docker-queue', dropped, QUEUE_NOTE);
    if (unreadable > 0) await this.#tell(engine, 'docker-unreadable', unreadable, UNREADABLE_NOTE);
    if (refused > 0) await this.#tell(engine, 'docker-refused', refused, REFUSED_NOTE);
    return dropped + unreadable + refused > 0;
  }

  async #tell(
    { key: id, name }: EngineRef,
    reason: string,
    events: number,
    message: string,
    data: Readonly<Record<string, unknown>> = {},
  ): Promise<void> {
    const written = await this.#scribe.gap({
      reason,
      events,
      message,
      data: { engine: { id, name }, ...data },
    });
    if (written) this.#told(reason);
  }
}
