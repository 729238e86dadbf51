// An exception as an entry holds it: without what the caller sent as a secret. Imports core.
import { type EventError, type JsonObject, toJson } from '@audit/core';
import { createRedactor } from '@audit/core/internal';

/** The log applies its own rules, which may be stricter, to the whole event later on. */
const redactor = createRedactor();

/**
 * A message often repeats what was wrong with the request (`no login with password hunter2`), and the entry holds
 * nothing that would tell the log which words are secret: so it is redacted in the company of what was sent.
 *
 * @param company what the caller sent; only looked at
 */
export function callError(
  error: unknown,
  company: Readonly<Record<string, unknown>>,
): EventError | undefined {
  if (error === undefined || error === null) return undefined;
  const { event } = redactor.redact({
    data: toJson(company) as JsonObject,
    error: asEventError(error) as unknown as JsonObject,
  });
  return event.error as unknown as EventError;
}

function asEventError(error: unknown): EventError {
  if (typeof error !== 'object' || error === null) return { message: String(error) };
  const { message, name, code } = error as Record<string, unknown>;
  return {
    message: typeof message === 'string' ? message : String(error),
    ...(typeof name === 'string' && { name }),
    ...((typeof code === 'string' || typeof code === 'number') && { code: String(code) }),
  };
}
