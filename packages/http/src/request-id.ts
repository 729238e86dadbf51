// The id of a request: the client's where it is harmless, else a new one. Imports node:crypto.
import { randomUUID } from 'node:crypto';

/** An inbound request id is at most this many characters. */
export const MAX_REQUEST_ID = 255;

// Nothing that could break out of a line, a header or a query of whoever reads it later.
const HARMLESS = /^[\w\-=]+$/;

/**
 * `inbound` where it is 1 to 255 characters of `A-Z a-z 0-9 _ - =`, else a random UUID. It only correlates:
 * never an idempotency key, because the client chooses it.
 */
export function chooseRequestId(inbound: string | readonly string[] | undefined): string {
  const acceptable =
    typeof inbound === 'string' && inbound.length <= MAX_REQUEST_ID && HARMLESS.test(inbound);
  return acceptable ? inbound : randomUUID();
}
