// A noted error without what the client sent as a secret. Imports core.
import type { IncomingMessage } from 'node:http';
import { type EventError, type JsonObject, toJson } from '@audit/core';
import { redactErrorIn } from './redaction.ts';

/**
 * `error` as an entry holds it. A message often repeats what was wrong with the request (`no login with
 * password hunter2`), while the entry holds neither headers nor body that would tell the log which words are
 * secret. So the error is redacted here, in the company of everything the client sent; only the error leaves.
 */
export function cleanError(error: unknown, req: IncomingMessage, target: string): EventError {
  const { body } = req as { readonly body?: unknown };
  const company = toJson({ target, headers: req.headers, body }) as JsonObject;
  return redactErrorIn(company, asEventError(error));
}

function asEventError(error: unknown): EventError {
  if (typeof error !== 'object' || error === null) return { message: String(error) };
  const { message, name, code } = error as { message?: unknown; name?: unknown; code?: unknown };
  return {
    message: typeof message === 'string' ? message : String(error),
    ...(typeof name === 'string' && { name }),
    ...((typeof code === 'string' || typeof code === 'number') && { code: String(code) }),
  };
}
