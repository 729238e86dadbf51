// A session: somebody or something acts for a while, under one id.
import { randomUUID } from 'node:crypto';
import {
  type Actor,
  type AuditContext,
  getAuditContext,
  sessionEnd,
  sessionStart,
  withAuditContext,
} from '@audit/core';
import { checkNames, filled } from '../check.ts';
import { factsOver } from '../facts.ts';
import { RECORDING_NAMES, Recording, type RecordingOptions } from '../recording.ts';
import { Ending, type Scope } from './span.ts';

export interface SessionOptions extends RecordingOptions {
  /** Id of the session: never what a client shows to prove it. Default: a new UUID. */
  readonly session?: string | undefined;
  /** For whom. */
  readonly user?: string | undefined;
  readonly data?: Readonly<Record<string, unknown>> | undefined;
}

/** A session that has begun. `await using` ends it. */
export interface AuditSession extends Scope {
  readonly id: string;
  /** Records `session.end`, once. */
  end(reason?: string): Promise<void>;
}

const NAMES = [...RECORDING_NAMES, 'session', 'user', 'data'];

/**
 * Records `session.start`. What runs inside of the session has its id in the actor of every entry, and the session's user as
 * the one it acts for.
 *
 * @throws AuditAgentError `NOT_RECORDED`, where strict; TypeError, RangeError naming the option
 */
export async function startSession(options: SessionOptions = {}): Promise<AuditSession> {
  checkNames(options, NAMES);
  const id = options.session === undefined ? randomUUID() : filled('session', options.session);
  const { user, data } = options;
  const outer = options.actor ?? getAuditContext()?.actor;
  // Whoever is known acts in the session; where nobody is, its user does.
  const actor: Actor = {
    ...(outer ?? { type: user === undefined ? 'session' : 'user', id: user ?? id }),
    sessionId: id,
    ...(outer !== undefined && user !== undefined && { onBehalfOf: user }),
  };
  const context: AuditContext = { actor };
  const told = { ...options, actor };
  await new Recording(told).tell(sessionStart(factsOver(data, { sessionRef: id, user })));
  const began = performance.now();
  const ending = new Ending();
  const end = (reason?: string) =>
    ending.once(() => {
      const durationMs = Math.round(performance.now() - began);
      return new Recording(told).tell(
        sessionEnd(factsOver(data, { sessionRef: id, user, reason, durationMs })),
      );
    });
  return {
    id,
    context,
    run: (fn) => withAuditContext(context, fn),
    end,
    [Symbol.asyncDispose]: () => end(),
  };
}
