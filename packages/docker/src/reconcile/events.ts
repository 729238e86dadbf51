// A difference as an event: what happened though no message told of it.
import { randomUUID } from 'node:crypto';
import {
  type AuditEvent,
  containerDestroy,
  containerDie,
  containerHealth,
  containerPause,
  containerRename,
  containerStart,
  containerUnpause,
  containerUpdate,
} from '@audit/core';
import { type Inventory, noteDie, noteFacts, noteStart } from '../cursor/inventory.ts';
import { containerRef, createEvent } from '../events/containers.ts';
import { containerInspect } from '../events/own-types.ts';
import { type EngineRef, type Origin, provenance } from '../events/provenance.ts';
import { formatNano } from '../stream/nanoseconds.ts';
import type { Difference } from './differences.ts';

/** Also notes in the inventory what the event says. */
export function differenceEvent(difference: Difference, inventory: Inventory, engine: EngineRef): AuditEvent {
  const { kind, id, at, facts } = difference;
  const known = inventory.take(id, facts?.container.name, facts?.container.image);
  const origin = originOf(difference, engine);
  const about = { ...provenance(origin), container: containerRef(known) };
  if (facts === null) {
    inventory.remove(id);
    return containerDestroy(about);
  }
  const { state, container, limits, restartPolicy } = facts;
  switch (kind) {
    case 'create': {
      const created = createEvent(known, { facts }, origin, {});
      return { ...created, data: { ...created.data, state: stateData(facts) } };
    }
    case 'inspect':
      noteFacts(known, facts);
      known.inspected = true;
      return containerInspect({
        ...about,
        ...facts.data,
        container,
        data: { ...about.data, state: stateData(facts) },
      });
    case 'rename': {
      const before = known.name;
      known.name = container.name ?? '';
      return containerRename({ ...about, container: containerRef(known), before, after: known.name });
    }
    case 'update': {
      const before = known.facts && { limits: known.facts.limits, restartPolicy: known.facts.restartPolicy };
      noteFacts(known, facts);
      return containerUpdate({ ...about, before, after: { limits, restartPolicy } });
    }
    case 'start':
      noteStart(known, at ?? 0n);
      return containerStart(about);
    case 'die': {
      noteDie(known, at ?? 0n);
      // The engine remembers how the last life ended, until the next begins.
      const exitCode = state.running ? null : state.exitCode;
      return containerDie({
        ...about,
        ...(exitCode === null ? { outcome: 'unknown', level: 'warning' } : { exitCode }),
        ...(exitCode !== null && exitCode !== 0 && { outcome: 'failure' }),
        oomKilled: state.running ? undefined : state.oomKilled,
      });
    }
    case 'pause':
      known.paused = true;
      return containerPause(about);
    case 'unpause':
      known.paused = false;
      return containerUnpause(about);
    default: {
      known.health = state.health;
      const unhealthy = state.health === 'unhealthy';
      return containerHealth({
        ...about,
        ...(unhealthy && { outcome: 'failure', level: 'warning' }),
        data: { ...about.data, health: state.health },
      });
    }
  }
}

/** What happens once in a container's life, or has a time, has an id that follows from it. */
function originOf({ kind, id, at }: Difference, engine: EngineRef): Origin {
  const once = kind === 'create' || kind === 'destroy';
  const which = once ? '' : (at ?? randomUUID());
  return { engine, seenBy: 'reconciliation', timeNano: at, key: `reconciled/${kind}/${id}/${which}` };
}

function stateData({ state }: Difference['facts'] & object) {
  const { running, paused, exitCode, startedAt, finishedAt, health } = state;
  return {
    running,
    paused,
    ...(!running && finishedAt !== null && { exitCode }),
    ...(startedAt !== null && { started: formatNano(startedAt) }),
    ...(finishedAt !== null && { ended: formatNano(finishedAt) }),
    ...(health !== null && { health }),
  };
}
