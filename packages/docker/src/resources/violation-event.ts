// A violation as an event: events.md, `resource.violation`, and what else an auditor asks of it.
import { type AuditEvent, type ContainerRef, type Level, resourceViolation } from '@audit/core';
import type { LimitAction } from './kinds.ts';
import type { Reading } from './reading.ts';
import type { LimitRule } from './rule.ts';
import type { Phase } from './threshold.ts';

/** Why a violation is closed: `unwatched` where the watch was stopped while it was still open. */
export type CloseReason = 'recovered' | 'ended' | 'removed' | 'unwatched';

export interface ActionFailure {
  readonly message: string;
  /** The engine's HTTP status, or the code of a system error. */
  readonly code?: string | undefined;
}

/**
 * What was done. `action` is what has become of the container, never what was only tried:
 * - `pending`: the engine has been asked; an entry of its own tells what came of it
 * - `done`: carried out
 * - `already`: the engine answers that the container was paused or stopped before
 * - `failed`: not carried out, and the event's `error` says why; tried again with each update
 * - `protected`: not tried
 */
export interface ActionState {
  readonly action: 'none' | 'alerted' | 'paused' | 'stopped' | 'killed';
  readonly result?: 'pending' | 'done' | 'already' | 'failed' | 'protected' | undefined;
  readonly failure?: ActionFailure | undefined;
}

/** What is known of a violation when it is told. */
export interface ViolationFacts {
  readonly reading: Reading;
  /** Highest value observed. */
  readonly peak: number;
  readonly sustainedMs: number;
  /** Out-of-memory kills, for those. */
  readonly kills?: number | undefined;
}

export interface ViolationSubject {
  /** The same in each phase. */
  readonly violation: string;
  readonly container: ContainerRef;
  readonly rule: LimitRule;
  /** What is to be done about it. */
  readonly policy: LimitAction;
  readonly oom: boolean;
}

export interface ViolationEnding {
  readonly reason?: CloseReason | undefined;
  /** When it happened, where the engine said so. */
  readonly at?: Date | undefined;
}

export function violationEvent(
  subject: ViolationSubject,
  phase: Phase,
  { reading, peak, sustainedMs, kills }: ViolationFacts,
  { action, result, failure }: ActionState,
  { reason, at }: ViolationEnding = {},
): AuditEvent {
  const { violation, container, rule, policy, oom } = subject;
  const { id, name, image } = container;
  return resourceViolation({
    kind: rule.kind,
    limit: reading.limit,
    observed: reading.observed,
    unit: reading.unit,
    sustainedMs,
    phase,
    action,
    result,
    ...(oom && { oomKilled: true }),
    container: { id, name, image },
    level: levelOf(phase, result),
    occurredAt: at,
    error: failure,
    data: {
      ...{ violation, policy, peak },
      ...(oom ? { kills } : { rule: rule.text }),
      ...(reading.capacity !== undefined && { capacity: reading.capacity }),
      ...(rule.windowMs !== undefined && { windowMs: rule.windowMs }),
      ...(reason !== undefined && { reason }),
    },
  });
}

/**
 * The catalogue's own (`warning`; `critical` for an out-of-memory kill and for what was killed), except that a limit
 * that could not be enforced is an `error`, and that the end of a violation is not as grave as what it ends.
 */
function levelOf(phase: Phase, result: ActionState['result']): Level | undefined {
  if (phase === 'closed') return 'warning';
  return result === 'failed' ? 'error' : undefined;
}
