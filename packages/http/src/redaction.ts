// The default rules of core's redactor, for what the log could not know to be secret. Imports core.
import type { EventError, JsonObject } from '@audit/core';
import { createRedactor } from '@audit/core/internal';

/** What stands for a secret. */
export const REDACTED = '[REDACTED]';

/** The log applies its own rules, which may be stricter, to the whole event later on. */
const redactor = createRedactor();

/** A URL or part of one without its secrets: masked parameters, nested and percent-encoded names included. */
export function redactUrl(url: string): string {
  return (redactor.redact({ data: { url } }).event.data as { readonly url: string }).url;
}

/** `error` without whatever is a secret in `company`, which is only looked at. */
export function redactErrorIn(company: JsonObject, error: EventError): EventError {
  const { event } = redactor.redact({ data: company, error: error as unknown as JsonObject });
  return event.error as unknown as EventError;
}
