// The actor's session id without the power to take the session over. Imports node:crypto and core.
import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { isSecretName } from '@audit/core';

/** Hex digits of the hash that are kept: enough to tell sessions apart. */
const HEX_DIGITS = 32;

/**
 * `sessionId` as it may be recorded. Where the request proves it to be a credential, because a cookie or another
 * secret header holds it, its hash takes its place: equal for equal sessions, useless to whoever reads the log.
 * An id of the application's own stays as it is.
 */
export function sealSessionId(sessionId: string, headers: IncomingHttpHeaders): string {
  const sent = Object.entries(headers).some(
    ([name, value]) => value !== undefined && isSecretName(name) && holds(String(value), sessionId),
  );
  if (!sent) return sessionId;
  return `sha256:${createHash('sha256').update(sessionId).digest('hex').slice(0, HEX_DIGITS)}`;
}

function holds(header: string, sessionId: string): boolean {
  return (
    header.includes(sessionId) ||
    header.includes(encodeURIComponent(sessionId)) ||
    decoded(header).includes(sessionId)
  );
}

function decoded(header: string): string {
  try {
    return decodeURIComponent(header);
  } catch {
    return header;
  }
}
