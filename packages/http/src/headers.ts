// Headers by allow-list: what is not listed is not recorded, what is secret never in clear.
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

/** How the value of a header is recorded. */
export type HeaderKind = 'secret' | 'url' | 'host' | 'plain';

/** A header that is recorded. */
export interface RecordedHeader {
  /** In lower case. */
  readonly name: string;
  readonly kind: HeaderKind;
}

/** @param name in lower case */
export function recordedHeader(name: string): RecordedHeader {
  return { name, kind: kindOf(name) };
}

function kindOf(name: string): HeaderKind {
  if (CREDENTIALS.has(name) || isSecretName(name)) return 'secret';
  if (URLS.has(name)) return 'url';
  return name === 'host' ? 'host' : 'plain';
}

/** The values of those that are there; undefined where none is. */
export function pickHeaders(
  recorded: readonly RecordedHeader[],
  read: (name: string) => number | string | readonly string[] | undefined,
): Readonly<Record<string, string>> | undefined {
  let picked: Record<string, string> | undefined;
  for (const { name, kind } of recorded) {
    const value = read(name);
    if (value === undefined) continue;
    picked ??= {};
    picked[name] = recordedValue(kind, Array.isArray(value) ? value.join(', ') : String(value));
  }
  return picked;
}

function recordedValue(kind: HeaderKind, value: string): string {
  if (kind === 'secret') return REDACTED;
  const shown = kind === 'url' ? redactUrl(value) : value;
  // A client may put userinfo before the host; RFC 9110 §7.2 has no such thing, so it is no part of the name.
  return (kind === 'host' ? shown.slice(shown.lastIndexOf('@') + 1) : shown).slice(0, MAX_HEADER_VALUE);
}
