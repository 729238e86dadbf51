// Signer and store that are away: how it is told, and how long callers wait for them.
import type { AuditError, AuditErrorCode } from '../errors.ts';
import type { Conditions } from './conditions.ts';
import { commitUncertain, signerDown } from './failures.ts';
import { Patience } from './patience.ts';
import type { Settings } from './settings.ts';
import type { Subscribers } from './subscribers.ts';

/** Whoever was handed in before `cutoff` has waited long enough. */
export type Expire = (cutoff: number, code: AuditErrorCode, error: (id: string) => AuditError) => void;

export class Absences {
  readonly #conditions: Conditions;
  readonly #subscribers: Subscribers;
  readonly #signer: Patience;
  readonly #store: Patience;

  constructor(settings: Settings, conditions: Conditions, subscribers: Subscribers, expire: Expire) {
    this.#conditions = conditions;
    this.#subscribers = subscribers;
    this.#signer = new Patience(settings.signerTimeout, (cutoff) =>
      expire(cutoff, 'SIGNER_DOWN', (id) => signerDown(id, settings.signerTimeout)),
    );
    this.#store = new Patience(settings.queueTimeout, (cutoff) =>
      expire(cutoff, 'COMMIT_UNCERTAIN', (id) => commitUncertain(id)),
    );
  }

  signerDown(error: Error): void {
    this.#signer.begin();
    this.#conditions.begin(
      'signer',
      `The signer is away (${error.message}); entries wait to be signed. Mend the signer.`,
    );
  }

  signerUp(): void {
    this.#signer.end();
    this.#conditions.end('signer');
  }

  storeDown(error: Error): void {
    this.#store.begin();
    this.#conditions.begin('store', `The store fails (${error.message}); it is tried again. Mend the store.`);
    this.#subscribers.tell('error', error);
  }

  storeUp(): void {
    this.#store.end();
    this.#conditions.end('store');
  }

  /** True while signer or store are away. */
  get any(): boolean {
    return this.#signer.since !== null || this.#store.since !== null;
  }

  /** Nobody waits any more. */
  end(): void {
    this.#signer.end();
    this.#store.end();
  }
}
