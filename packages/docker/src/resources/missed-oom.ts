// An OOM kill that no message told of, and that an inspection still shows (`State.OOMKilled`): as the violation it was.
import type { AuditEvent, ContainerRef } from '@audit/core';
import { OOM_RULE } from './rule.ts';
import { violationId } from './violation.ts';
import { violationEvent } from './violation-event.ts';

/**
 * `opened` and `closed` of the kill that a `container.die` found by reconciliation was; nothing for any other event.
 *
 * @param memoryLimit of the container, in bytes; 0 where it is not known
 */
export function missedOomKill(die: AuditEvent, memoryLimit = 0): readonly AuditEvent[] {
  const { type, id, occurredAt, data } = die;
  const container = data?.container as ContainerRef | undefined;
  if (type !== 'container.die' || data?.oomKilled !== true || container === undefined) return [];
  const at = occurredAt === undefined ? undefined : new Date(occurredAt);
  const of = { container, rule: OOM_RULE, policy: 'alert', protect: false, oom: true } as const;
  const subject = { ...of, violation: violationId(of, at) };
  const reading = { observed: memoryLimit, limit: memoryLimit, unit: 'bytes' };
  const facts = { reading, peak: memoryLimit, sustainedMs: 0, kills: 1 };
  const state = { action: 'alerted' } as const;
  return [
    { ...violationEvent(subject, 'opened', facts, state, { at }), id: id && `${id}/oom/opened` },
    {
      ...violationEvent(subject, 'closed', facts, state, { at, reason: 'ended' }),
      id: id && `${id}/oom/closed`,
    },
  ];
}
