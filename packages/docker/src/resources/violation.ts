// One violation from `opened` to `closed`: what is told of it, and what is done about it.
import { createHash, randomUUID } from 'node:crypto';
import type { AuditEvent, ContainerRef } from '@audit/core';
import type { EngineAction, LimitAction } from './kinds.ts';
import type { LimitRule } from './rule.ts';
import type { Phase } from './threshold.ts';
import {
  type ActionState,
  type CloseReason,
  type ViolationFacts,
  type ViolationSubject,
  violationEvent,
} from './violation-event.ts';

export interface ViolationPorts {
  readonly emit: (event: AuditEvent) => void;
  /** Carries an action out; never rejects. */
  readonly act: (id: string, action: EngineAction) => Promise<ActionState>;
}

export interface ViolationOf {
  readonly container: ContainerRef;
  readonly rule: LimitRule;
  readonly policy: LimitAction;
  readonly protect: boolean;
  readonly oom: boolean;
}

/**
 * `opened` is told before anything is done, so that a container that was killed is never one of which nobody knows
 * why; what came of it is an `updated` of its own. `closed` waits for that, since a container that was killed often
 * ends before the engine answers.
 */
export class Violation {
  readonly #ports: ViolationPorts;
  readonly #subject: ViolationSubject;
  readonly #protect: boolean;
  #facts: ViolationFacts;
  #state: ActionState;
  #acting: Promise<void> | undefined;

  /** Opens it. */
  constructor(of: ViolationOf, facts: ViolationFacts, ports: ViolationPorts, at?: Date) {
    const { container, rule, policy, protect, oom } = of;
    this.#ports = ports;
    this.#subject = { violation: violationId(of, at), container, rule, policy, oom };
    this.#protect = protect;
    this.#facts = facts;
    this.#state = this.#intended();
    this.#tell('opened', undefined, at);
    this.#enforce();
  }

  update(facts: ViolationFacts): void {
    this.#facts = facts;
    this.#tell('updated');
    if (this.#state.result === 'failed') this.#enforce();
  }

  /** Resolves when it was told. */
  async close(facts: ViolationFacts, reason: CloseReason, at?: Date): Promise<void> {
    this.#facts = facts;
    if (this.#acting !== undefined) await this.#acting;
    this.#tell('closed', reason, at);
  }

  #intended(): ActionState {
    const { policy } = this.#subject;
    if (policy === 'none') return { action: 'none' };
    if (policy === 'alert') return { action: 'alerted' };
    return { action: 'none', result: this.#protect ? 'protected' : 'pending' };
  }

  #enforce(): void {
    const { policy, container } = this.#subject;
    if (policy === 'none' || policy === 'alert' || this.#protect || this.#acting !== undefined) return;
    this.#acting = this.#ports.act(container.id, policy).then((state) => {
      this.#acting = undefined;
      this.#state = state;
      this.#tell('updated');
    });
  }

  #tell(phase: Phase, reason?: CloseReason, at?: Date): void {
    this.#ports.emit(violationEvent(this.#subject, phase, this.#facts, this.#state, { reason, at }));
  }
}

/** What the engine tells once more after a restart is the same violation, so that its phases stay together. */
export function violationId(
  { container, rule, oom }: Pick<ViolationOf, 'container' | 'rule' | 'oom'>,
  at: Date | undefined,
): string {
  if (at === undefined) return randomUUID().replaceAll('-', '');
  const seed = `${container.id}\n${oom ? 'oom' : rule.kind}\n${at.getTime()}`;
  return createHash('sha256').update(seed).digest('hex').slice(0, 32);
}
