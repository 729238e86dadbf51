// Events that found no room in the log, on their way into it: in order, each once.
import type { AuditError, AuditEvent, AuditLog } from '@audit/core';
import { runAs } from './caller.ts';
import type { SpoolSettings } from './options.ts';
import { type SpoolBatch, SpoolFile } from './spool-file.ts';
import { fromLine, toLine } from './spooled.ts';

/** Lines read, handed over and awaited together: so many may be in the log, and in the file still, after a kill. */
const CHUNK = 256;
/** How long a log that does not take them is left alone, in milliseconds. */
const RETRY = 100;

/** Refusals another try does not change: the event is lost, and told. */
const FINAL: ReadonlySet<string> = new Set(['EVENT_INVALID', 'ID_CONFLICT']);
/** The log is over; its successor gets what waits. */
const OVER: ReadonlySet<string> = new Set(['LOG_CLOSED', 'LOG_STOPPED', 'LOG_UNSET']);

export interface SpoolHooks {
  /** @throws AuditError `LOG_UNSET` */
  log(): AuditLog;
  lost(cause: unknown): void;
  degraded(reason: string): void;
}

export class Spool {
  readonly #file: SpoolFile;
  readonly #hooks: SpoolHooks;
  #draining: Promise<void> | undefined;
  #closed = false;

  constructor(options: SpoolSettings, hooks: SpoolHooks) {
    this.#hooks = hooks;
    const onDamage = () => hooks.lost(new Error('a line of the spool was damaged; it is in quarantine.'));
    this.#file = new SpoolFile({ ...options, chunk: CHUNK, onDamage });
  }

  /** True where nothing waits, and new events may go into the log directly. */
  get isEmpty(): boolean {
    return this.#file.waiting === 0;
  }

  /**
   * False where the file is full or cannot be written.
   * @param sent true where the log was handed the event before, with its id
   */
  put(event: AuditEvent, sent = false): boolean {
    return this.#file.append(toLine(event, this.#size(), sent));
  }

  /** Goes on handing over what waits, if it does not already. */
  drain(): void {
    this.#closed = false;
    if (this.isEmpty) return;
    // Each line brings its own actor and trace: the context of whoever logs now is none of it.
    this.#draining ??= runAs(undefined, () => this.#drain())
      .catch((error: Error) => this.#hooks.degraded(`The spool cannot be read (${error.message}).`))
      .finally(() => {
        this.#draining = undefined;
      });
  }

  /** Resolves when nothing waits. @throws Error where the log takes no more */
  async drained(): Promise<void> {
    this.drain();
    await this.#draining;
    if (!this.isEmpty)
      throw new Error(`${this.#file.waiting} records wait in the spool for a log that takes them.`);
  }

  close(): void {
    this.#closed = true;
    this.#file.close();
  }

  async #drain(): Promise<void> {
    // Not in the caller's tick: it is logging.
    await Promise.resolve();
    let first = true;
    while (!this.#closed && !this.isEmpty) {
      const batch = this.#file.peek(CHUNK);
      const refusal = await this.#hand(batch, first);
      first = false;
      if (this.#closed || OVER.has(refusal)) return;
      if (refusal === '') this.#file.advance(batch);
      else await pause(RETRY);
    }
  }

  /**
   * Hands over a batch; resolves with the first refusal, `''` where all are safe. Only what the log takes at once is
   * followed by the next line: of several that wait, for room or for a look into the log, a later one may get there first.
   * The very first line wakes the log's memory of ids, so it is awaited, too.
   */
  async #hand({ texts, doubtful }: SpoolBatch, first: boolean): Promise<string> {
    const answers: Promise<string>[] = [];
    for (const [n, text] of texts.entries()) {
      const before = this.#queued();
      const answer = this.#record(text, n < doubtful);
      answers.push(answer);
      const alone = (first && n === 0) || n < doubtful || this.#queued() === before;
      if (alone && (await answer) !== '') break;
    }
    return (await Promise.all(answers)).find((refusal) => refusal !== '') ?? '';
  }

  /** @param doubtful true where the log may have it since before it remembers */
  async #record(line: string, doubtful: boolean): Promise<string> {
    const { event, size, sent } = fromLine(line);
    try {
      await this.#hooks.log().record(event, doubtful && size !== undefined ? { knownSize: size } : {});
      return '';
    } catch (error) {
      const code = String((error as AuditError).code);
      // Dropped by a handler of the application's own: that is what it wants.
      if (code === 'DROPPED') return '';
      // Other content under an id of ours: the first one made it, and was not quite the same when it was prepared.
      if (code === 'ID_CONFLICT' && sent) return '';
      if (!FINAL.has(code)) return code;
      this.#hooks.lost(error);
      return '';
    }
  }

  #queued(): number {
    try {
      return this.#hooks.log().health().queued.events;
    } catch {
      return 0;
    }
  }

  #size(): number | undefined {
    try {
      return this.#hooks.log().info().size;
    } catch {
      return undefined;
    }
  }
}

/** Whatever makes the log wait keeps the process alive; this does not. */
function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref();
  });
}
