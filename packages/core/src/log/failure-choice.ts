// What becomes of each event that cannot be recorded: what the call says, else what the rules say.
import { AuditError } from '../errors.ts';
import type { PreparedEvent } from '../event/prepared.ts';
import { checkOnFailure, type FailureRules } from './failure-rules.ts';
import { noSpool } from './failures.ts';
import type { OnFailure } from './on-failure.ts';
import type { Subscribers } from './subscribers.ts';

/** Types told at most: each once. */
const TOLD_TYPES = 100;

export class FailureChoice {
  readonly #rules: FailureRules;
  readonly #canSpool: boolean;
  readonly #subscribers: Subscribers;
  /** Where no rule says anything else, none is asked. */
  readonly #asks: boolean;
  readonly #told = new Set<string>();
  #unawaited = 0;

  constructor(rules: FailureRules, canSpool: boolean, subscribers: Subscribers) {
    this.#rules = rules;
    this.#canSpool = canSpool;
    this.#subscribers = subscribers;
    this.#asks = rules.has('spool') || rules.has('strict');
  }

  /** Events that were emitted although they should have been waited for. */
  get unawaited(): number {
    return this.#unawaited;
  }

  /**
   * Marks the event.
   * @param said what the call says
   * @param awaited true for `record`
   * @throws RangeError where what the call says is nothing that can happen
   * @throws AuditError `OPTIONS_INVALID` where it is awaited and there is no spool
   */
  choose(event: PreparedEvent, said: OnFailure | undefined, awaited: boolean): void {
    if (said === undefined && !this.#asks) return;
    const chosen = said === undefined ? this.#rules.choose(event) : checkOnFailure(said, 'options.onFailure');
    if (chosen === 'spool') {
      event.spool = this.#canSpool;
      if (!this.#canSpool) this.#complain(event, awaited);
    } else if (chosen === 'strict' && !awaited) {
      this.#unawaited++;
      this.#tell(
        event.type,
        new Error(
          `${event.type} is strict by onFailure and was emitted, so nobody waits for it: use record().`,
        ),
      );
    }
  }

  #complain({ id, type }: PreparedEvent, awaited: boolean): void {
    const { code, message } = noSpool();
    const error = new AuditError(code, message, { id });
    if (awaited) throw error;
    this.#tell(type, error);
  }

  #tell(type: string, error: Error): void {
    if (this.#told.has(type) || this.#told.size >= TOLD_TYPES) return;
    this.#told.add(type);
    this.#subscribers.tell('error', error);
  }
}
