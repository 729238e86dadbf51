// How a call of the engine ended, as an outcome and an error. Imports core types only.
import type { EventError, Outcome } from '@audit/core';

/** An authorization plugin or a proxy before the engine answers so. */
const DENIED: readonly unknown[] = [401, 403];

export function outcomeOf(error: unknown): Outcome {
  if (!error) return 'success';
  const { statusCode, name } = error as { readonly statusCode?: unknown; readonly name?: unknown };
  if (DENIED.includes(statusCode)) return 'denied';
  // The caller's own signal: the engine may have done it all the same.
  return name === 'AbortError' ? 'aborted' : 'failure';
}

/** The engine's own words; its HTTP status, or what the system calls the failure, as the code. */
export function errorOf(error: unknown): EventError | undefined {
  if (!error) return undefined;
  const { message, name, statusCode, code } = error as Readonly<Record<string, unknown>>;
  const known = statusCode ?? code;
  return {
    message: typeof message === 'string' ? message.trim() : String(error),
    ...(typeof name === 'string' && { name }),
    ...((typeof known === 'number' || typeof known === 'string') && { code: String(known) }),
  };
}
