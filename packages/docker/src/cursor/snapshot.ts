// The inventory as entries, so that a watch that begins anew finds it near the end of the log.
import { randomUUID } from 'node:crypto';
import type { AuditEvent } from '@audit/core';
import { containerInventory, type InventoryItem } from '../events/own-types.ts';
import type { EngineRef } from '../events/provenance.ts';
import { formatNano } from '../stream/nanoseconds.ts';
import type { Inventory, KnownContainer } from './inventory.ts';

/** Containers in one entry, at about 250 bytes each: an entry holds 65,535. */
export const CONTAINERS_PER_PART = 200;
/** Names are longer than this only for whoever wants to break something. */
const MAX_NAME = 256;

export function inventoryEvents(inventory: Inventory, engine: EngineRef): AuditEvent[] {
  const items = [...inventory.all()].filter(({ created }) => created).map(itemOf);
  const snapshot = randomUUID();
  const parts = Math.max(1, Math.ceil(items.length / CONTAINERS_PER_PART));
  return Array.from({ length: parts }, (_, i) =>
    containerInventory({
      engine: { id: engine.key, name: engine.name, seenBy: 'reconciliation' },
      snapshot,
      part: i + 1,
      parts,
      containers: items.slice(i * CONTAINERS_PER_PART, (i + 1) * CONTAINERS_PER_PART),
    }),
  );
}

function itemOf(known: KnownContainer): InventoryItem {
  const { id, name, image, running, paused, lastStart, lastDie, health, inspected } = known;
  return {
    id,
    name: name.slice(0, MAX_NAME),
    image: image.slice(0, MAX_NAME),
    state: paused ? 'paused' : running ? 'running' : 'stopped',
    ...(lastStart > 0n && { started: formatNano(lastStart) }),
    ...(lastDie > 0n && { ended: formatNano(lastDie) }),
    ...(health !== null && { health: health.slice(0, MAX_NAME) }),
    inspected,
  };
}
