// The inventory as entries, so that a watch that begins anew finds it near the end of the log.
import { randomUUID } from 'node:crypto';
import type { AuditEvent } from '@audit/core';
import { containerInventory, type InventoryItem } from '../events/own-types.ts';
import type { EngineRef } from '../events/provenance.ts';
import { formatNano } from '../stream/nanoseconds.ts';
import type { Inventory, KnownContainer } from './inventory.ts';

/** Bytes of JSON about containers in one entry, which holds 65,535 of all: one that is cut would tell wrong names. */
const PART_BYTES = 49_152;
/** Names are longer than this only for whoever wants to break something. */
const MAX_NAME = 256;

export function inventoryEvents(inventory: Inventory, engine: EngineRef): AuditEvent[] {
  const items = [...inventory.all()].filter(({ created }) => created).map(itemOf);
  const snapshot = randomUUID();
  const parts = partsOf(items);
  return parts.map((containers, i) =>
    containerInventory({
      engine: { id: engine.key, name: engine.name, seenBy: 'reconciliation' },
      snapshot,
      part: i + 1,
      parts: parts.length,
      containers,
    }),
  );
}

/** At least one, also of nothing. */
function partsOf(items: readonly InventoryItem[]): InventoryItem[][] {
  let part: InventoryItem[] = [];
  const parts = [part];
  let bytes = 0;
  for (const item of items) {
    const more = Buffer.byteLength(JSON.stringify(item)) + 1;
    if (bytes + more > PART_BYTES) {
      part = [];
      parts.push(part);
      bytes = 0;
    }
    part.push(item);
    bytes += more;
  }
  return parts;
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
