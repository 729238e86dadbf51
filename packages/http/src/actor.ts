// Who asked: what the application says, completed by what the request tells. Imports core types only.
import type { IncomingHttpHeaders } from 'node:http';
import type { Actor } from '@audit/core';
import { sealSessionId } from './session-id.ts';

/** What the request itself tells about who asked. */
export interface Caller {
  readonly ip: string | undefined;
  readonly userAgent: string | undefined;
}

/** Stands for whoever nobody vouches for. Source: events.md, *HTTP*. */
const ANONYMOUS = { type: 'anonymous', id: 'anonymous' } as const;

/**
 * `claimed` with the caller's address and user agent where the application gave none; anonymous where there
 * is no claim. The application may be plain JavaScript, so a bare id is taken as one; core makes text of the rest.
 */
export function completeActor(claimed: unknown, caller: Caller, headers: IncomingHttpHeaders): Actor {
  if (typeof claimed !== 'object' || claimed === null) {
    const known =
      claimed === undefined || claimed === null ? ANONYMOUS : { type: 'unknown', id: String(claimed) };
    return { type: known.type, id: known.id, ip: caller.ip, userAgent: caller.userAgent };
  }
  const actor = claimed as Actor;
  const { ip = caller.ip, userAgent = caller.userAgent, sessionId } = actor;
  return {
    ...actor,
    ip,
    userAgent,
    ...(typeof sessionId === 'string' &&
      sessionId !== '' && { sessionId: sealSessionId(sessionId, headers) }),
  };
}
