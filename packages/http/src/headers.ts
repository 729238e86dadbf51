// Headers by allow-list: what is not listed is not recorded, what is secret never in clear.
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { isSecretName } from '@audit/core';
import { REDACTED, redactUrl } from './redaction.ts';

/** A header value is recorded up to this many characters. */
export const MAX_HEADER_VALUE = 1_024;

/** Credentials by definition (RFC 9110 §11, RFC 6265), whatever the list of secret names says. */
const CREDENTIALS = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
  'cookie2',
  'set-cookie',
  'set-cookie2',
]);
/** Headers whose value is a URL, with whatever stands in its userinfo and query. */
const URLS = new Set(['referer', 'origin', 'location', 'content-location']);

/** Those of `headers` that are in `allowed` (lower-case names); undefined where there are none. */
export function pickHeaders(
  headers: IncomingHttpHeaders | OutgoingHttpHeaders,
  allowed: readonly string[],
): Readonly<Record<string, string>> | undefined {
  let picked: Record<string, string> | undefined;
  for (const name of allowed) {
    const value = headers[name];
    if (value === undefined) continue;
    picked ??= {};
    picked[name] = recordedValue(name, Array.isArray(value) ? value.join(', ') : String(value));
  }
  return picked;
}

function recordedValue(name: string, value: string): string {
  if (CREDENTIALS.has(name) || isSecretName(name)) return REDACTED;
  const shown = URLS.has(name) ? redactUrl(value) : value;
  // A client may put userinfo before the host; RFC 9110 §7.2 has no such thing, so it is no part of the name.
  return (name === 'host' ? shown.slice(shown.lastIndexOf('@') + 1) : shown).slice(0, MAX_HEADER_VALUE);
}
