// What is known of a request the moment it arrives. Taken at once: Node forgets the address when the client goes.
import type { IncomingMessage } from 'node:http';
import { performance } from 'node:perf_hooks';
import type { Caller } from './actor.ts';
import { normalizeAddress } from './address.ts';

/** What only the framework knows. */
export interface FrameworkFacts {
  /** The client's address behind trusted proxies. Default: the peer's. */
  readonly ip?: string | undefined;
  /** The request target as it arrived, where the framework rewrites `req.url`. */
  readonly target?: string | undefined;
  /** The pattern of the route that answered, asked for once the exchange is over; undefined where none did. */
  readonly route?: (() => string | undefined) | undefined;
}

export interface Arrival {
  /** By `performance.now()`. */
  readonly at: number;
  readonly method: string;
  readonly target: string;
  /** Address of the other end of the socket. */
  readonly peer: string | undefined;
  /** Its address may be put right later, by `noteAddress`. */
  readonly caller: { -readonly [K in keyof Caller]: Caller[K] };
}

export function arrivalOf(req: IncomingMessage, facts: FrameworkFacts): Arrival {
  const peer = normalizeAddress(req.socket.remoteAddress);
  return {
    at: performance.now(),
    method: req.method ?? '',
    target: facts.target ?? req.url ?? '',
    peer,
    caller: { ip: normalizeAddress(facts.ip) ?? peer, userAgent: req.headers['user-agent'] },
  };
}
