// An agent: made, at work in sessions, failed or stopped.
import {
  type Actor,
  type AuditContext,
  agentCreate,
  agentError,
  agentStop,
  withAuditContext,
} from '@audit/core';
import { checkNames, filled } from '../check.ts';
import { factsOver } from '../facts.ts';
import { RECORDING_NAMES, Recording, type RecordingOptions } from '../recording.ts';
import { type AuditSession, type SessionOptions, startSession } from './session.ts';
import { Ending, type Scope } from './span.ts';

export interface AgentOptions extends RecordingOptions {
  /** Name or id of the agent. */
  readonly agent: string;
  readonly model?: string | undefined;
  /** Names of what it may use. */
  readonly tools?: readonly string[] | undefined;
  /** The agent that has made it. */
  readonly parent?: string | undefined;
  readonly data?: Readonly<Record<string, unknown>> | undefined;
}

/** An agent at work. `await using` stops it. */
export interface AuditAgent extends Scope {
  readonly id: string;
  /** A session of this agent, in the same log. `log` and `onFailure` are the agent's where they are not given. */
  startSession(options?: SessionOptions): Promise<AuditSession>;
  /** Records `agent.error`; the agent goes on. */
  fail(error: unknown): Promise<void>;
  /** Ends the sessions that are open and records `agent.stop`, once. */
  stop(reason?: string): Promise<void>;
}

const NAMES = [...RECORDING_NAMES, 'agent', 'model', 'tools', 'parent', 'data'];

/**
 * Records `agent.create`. What runs inside of the agent is on record as done by it: actor `{ type: 'agent', id, agentId }`.
 *
 * @param options `actor` is who has made the agent, if not whoever the context says
 * @throws AuditAgentError `NOT_RECORDED`, where strict; TypeError, RangeError naming the option
 */
export async function startAgent(options: AgentOptions): Promise<AuditAgent> {
  checkNames(options, NAMES);
  const id = filled('agent', options.agent);
  const { log, trace, onFailure, model, tools, parent, data } = options;
  await new Recording(options).tell(agentCreate(factsOver(data, { agent: id, model, tools, parent })));
  return new RunningAgent(id, { log, trace, onFailure });
}

class RunningAgent implements AuditAgent {
  readonly id: string;
  readonly context: AuditContext;
  readonly #actor: Actor;
  readonly #recording: RecordingOptions;
  readonly #sessions = new Set<AuditSession>();
  readonly #ending = new Ending();
  readonly #began = performance.now();

  constructor(id: string, recording: RecordingOptions) {
    this.id = id;
    this.#actor = { type: 'agent', id, agentId: id };
    this.context = { actor: this.#actor };
    this.#recording = recording;
  }

  run<T>(fn: () => T): T {
    return withAuditContext(this.context, fn);
  }

  async startSession(options: SessionOptions = {}): Promise<AuditSession> {
    if (this.#ending.over) throw new TypeError(`agent ${this.id} is stopped: start a session before that`);
    const session = await startSession({ ...this.#recording, actor: this.#actor, ...options });
    this.#sessions.add(session);
    const forget = () => this.#sessions.delete(session);
    const end = (reason?: string) => session.end(reason).finally(forget);
    return { ...session, end, [Symbol.asyncDispose]: () => end() };
  }

  fail(error: unknown): Promise<void> {
    const told = error instanceof Error ? error : { message: String(error) };
    return this.#tell(agentError({ agent: this.id, error: told }));
  }

  stop(reason?: string): Promise<void> {
    return this.#ending.once(async () => {
      // Each by itself: one that cannot be recorded keeps no other from it.
      const ends = await Promise.allSettled(
        [...this.#sessions].map((session) => session.end('agent stopped')),
      );
      const durationMs = Math.round(performance.now() - this.#began);
      await this.#tell(
        agentStop({ agent: this.id, data: { ...(reason !== undefined && { reason }), durationMs } }),
      );
      for (const end of ends) if (end.status === 'rejected') throw end.reason;
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #tell(event: Parameters<Recording['tell']>[0]): Promise<void> {
    return new Recording({ ...this.#recording, actor: this.#actor }).tell(event);
  }
}
