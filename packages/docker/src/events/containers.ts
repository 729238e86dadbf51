// The life of a container: from the engine's message to our event.
import {
  type AuditEvent,
  type ContainerRef,
  containerCreate,
  containerDestroy,
  containerDie,
  containerHealth,
  containerKill,
  containerPause,
  containerRename,
  containerRestart,
  containerStart,
  containerStop,
  containerUnpause,
  containerUpdate,
} from '@audit/core';
import { type KnownContainer, noteDie, noteFacts, noteStart } from '../cursor/inventory.ts';
import type { ContainerFacts } from '../inspect/facts.ts';
import type { Inspection } from '../inspect/inspector.ts';
import { messageKey } from '../stream/message.ts';
import { attribute, isHidden } from './attributes.ts';
import { containerAttach, containerCommit, containerCopy, containerExport } from './own-types.ts';
import { type Origin, provenance } from './provenance.ts';
import type { Reading, Scene } from './scene.ts';
import { signalName } from './signals.ts';

/** Undefined where a message of this action is no entry. */
export async function containerEvent(reading: Reading, scene: Scene): Promise<AuditEvent | undefined> {
  const { message } = reading;
  const { id, attributes, timeNano, action } = message;
  const known = scene.inventory.take(id, attributes.name, attributes.image);
  if (attributes.name !== undefined) known.name = attributes.name;
  const origin: Origin = { engine: scene.engine, seenBy: 'event', timeNano, key: messageKey(message) };
  const about = { ...provenance(origin), container: containerRef(known) };
  switch (action) {
    case 'create': {
      known.created = true;
      if (reading.recorded) return undefined;
      const inspection = await (reading.inspection ?? scene.inspector.container(id));
      return createEvent(known, inspection, origin, labelsOf(attributes));
    }
    case 'start':
      noteStart(known, timeNano);
      return containerStart(about);
    case 'die':
      return dieEvent(reading, scene, known, about);
    case 'destroy':
      scene.inventory.remove(id);
      return containerDestroy(about);
    case 'restart':
      return containerRestart(about);
    case 'stop':
      return containerStop(about);
    case 'kill': {
      known.signalled = true;
      const signal = attribute(message, 'signal', known);
      return containerKill({
        ...about,
        ...(signal !== undefined && { signal: signalName(signal) }),
        data: { ...about.data, ...hidden('signal', known) },
      });
    }
    case 'pause':
      known.paused = true;
      return containerPause(about);
    case 'unpause':
      known.paused = false;
      return containerUnpause(about);
    case 'oom':
      known.oomKilled = true;
      return undefined;
    case 'update':
      return updateEvent(reading, scene, known, about);
    case 'rename': {
      const before = attribute(message, 'oldName', known)?.replace(/^\//, '');
      return containerRename({ ...about, before, after: attributes.name });
    }
    case 'health_status':
      known.health = message.detail;
      return containerHealth({
        ...about,
        ...healthFacts(message.detail),
        data: { ...about.data, health: message.detail },
      });
    case 'attach':
      return containerAttach(about);
    case 'commit':
      return containerCommit(about);
    case 'export':
      return containerExport(about);
    case 'copy':
    case 'archive-path':
      return containerCopy({ ...about, direction: 'out' });
    case 'extract-to-dir':
      return containerCopy({ ...about, direction: 'in' });
    default:
      return undefined;
  }
}

interface About {
  readonly id: string;
  readonly occurredAt?: Date;
  readonly data: Readonly<Record<string, unknown>>;
  readonly container: ContainerRef;
}

export function containerRef({ id, name, image }: KnownContainer): ContainerRef {
  return { id, ...(name !== '' && { name }), ...(image !== '' && { image }) };
}

/** @param labels those of the message, where the container itself can no longer be asked */
export function createEvent(
  known: KnownContainer,
  inspection: Inspection<ContainerFacts>,
  origin: Origin,
  labels: Readonly<Record<string, string>>,
): AuditEvent {
  const { data, ...about } = provenance(origin);
  known.created = true;
  if (inspection.facts !== null) {
    noteFacts(known, inspection.facts);
    known.inspected = true;
    const { container, data: facts } = inspection.facts;
    return containerCreate({ ...about, ...facts, container, data });
  }
  known.inspected = inspection.gone;
  return containerCreate({
    ...about,
    container: { ...containerRef(known), labels },
    risks: [NOT_INSPECTED],
    data: { ...data, inspected: false, gone: inspection.gone, reason: inspection.reason },
  });
}

/**
 * 128 + SIGKILL. Where nobody sent it through the engine and memory is limited, the kernel may well have: an engine that
 * is busy sees a container end before it hears of the OOM kill, and then tells of none.
 */
const SIGKILLED = 137;

/** Nobody knows what such a container was allowed to do. */
const NOT_INSPECTED = {
  id: 'not-inspected',
  severity: 'medium',
  title: 'the container could not be inspected: what it was allowed to do is not known',
} as const;

async function dieEvent(
  { message, recorded }: Reading,
  scene: Scene,
  known: KnownContainer,
  about: About,
): Promise<AuditEvent> {
  noteDie(known, message.timeNano);
  let code = attribute(message, 'exitCode', known);
  const data: Record<string, unknown> = { ...about.data, ...hidden('exitCode', known) };
  if (isHidden('exitCode', known) && !recorded) {
    const { facts } = await scene.inspector.container(message.id);
    // Only while it has not been started again does the inspection speak of this end.
    const state = facts?.state;
    if (state?.running === false && state.exitCode !== null && (state.startedAt ?? 0n) < message.timeNano) {
      code = String(state.exitCode);
    }
  }
  const exitCode = code !== undefined && /^-?\d+$/.test(code) ? Number(code) : undefined;
  const failed = exitCode !== undefined && exitCode !== 0;
  if (
    exitCode === SIGKILLED &&
    !known.oomKilled &&
    !known.signalled &&
    known.facts?.limits.memory !== undefined
  ) {
    data.oomSuspected = true;
  }
  return containerDie({
    ...about,
    ...(exitCode === undefined ? { outcome: 'unknown', level: 'warning' } : { exitCode }),
    ...(failed && { outcome: 'failure' }),
    oomKilled: known.oomKilled,
    data,
  });
}

async function updateEvent(
  { message, recorded }: Reading,
  scene: Scene,
  known: KnownContainer,
  about: About,
): Promise<AuditEvent> {
  const before = known.facts && { limits: known.facts.limits, restartPolicy: known.facts.restartPolicy };
  const { facts } = recorded ? { facts: null } : await scene.inspector.container(message.id);
  if (facts !== null) noteFacts(known, facts);
  const after = facts && { limits: facts.limits, restartPolicy: facts.restartPolicy };
  return containerUpdate({ ...about, before: before ?? undefined, after: after ?? undefined });
}

/** `healthy` is a success, `unhealthy` a failure; other words are what a check has printed. */
function healthFacts(health: string): {
  readonly outcome?: 'failure' | 'unknown';
  readonly level?: 'warning';
} {
  if (health === 'unhealthy') return { outcome: 'failure', level: 'warning' };
  return health === 'healthy' ? {} : { outcome: 'unknown' };
}

/** Says that a label of the container stands where the engine would have told this. */
function hidden(name: string, known: KnownContainer): { readonly hiddenByLabels?: readonly string[] } {
  return isHidden(name, known) ? { hiddenByLabels: [name] } : {};
}

function labelsOf(attributes: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(attributes).filter(([key]) => key !== 'name' && key !== 'image'));
}
