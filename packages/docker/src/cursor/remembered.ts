// What the log remembers of an engine: read from its end backwards, until an inventory says what came before.
import type { AuditLog, Entry } from '@audit/core';
import type { InventoryItem } from '../events/own-types.ts';
import type { EngineData } from '../events/provenance.ts';
import { parseNano } from '../stream/nanoseconds.ts';
import { Inventory, noteDie, noteStart } from './inventory.ts';

/** Entries read at one time. */
const WINDOW = 8_192;
/** Ids remembered: an engine keeps its last 256 messages, and few are more than one entry. */
export const REMEMBERED_IDS = 4_096;

const TYPES = ['container.*', 'image.*', 'network.*', 'volume.*', 'resource.violation'];

export interface Remembered {
  /** Time of the newest message that is in the log; null where there is none of this engine. */
  readonly cursor: bigint | null;
  /** Ids of the newest entries. */
  readonly ids: ReadonlySet<string>;
  /** When the newest entry of this engine was written, by our clock: milliseconds since 1970; null where there is none. */
  readonly writtenAt: number | null;
  readonly inventory: Inventory;
  /** True where nothing of this engine is in the log. */
  readonly empty: boolean;
}

/** @param engineKey of the engine that is asked for; others in the same log do not matter */
export async function remember(log: AuditLog, engineKey: string): Promise<Remembered> {
  let entries: Entry[] = [];
  let start: Start | null = null;
  for (let to = log.info().size; to > 0; ) {
    const from = Math.max(0, to - WINDOW);
    const page: Entry[] = [];
    for await (const entry of log.entries({ from, to, type: TYPES })) {
      if (engineOf(entry)?.id === engineKey) page.push(entry);
    }
    entries = page.concat(entries);
    start = latestInventory(entries);
    if (start !== null && entries.length >= REMEMBERED_IDS) break;
    to = from;
  }
  return {
    cursor: cursorOf(entries),
    ids: new Set(entries.slice(-REMEMBERED_IDS).map(({ id }) => id)),
    writtenAt: entries.length === 0 ? null : Date.parse(entries.at(-1)!.time),
    inventory: inventoryFrom(entries, start),
    empty: entries.length === 0,
  };
}

interface Start {
  readonly items: readonly InventoryItem[];
  /** Index of the first entry that comes after it. */
  readonly next: number;
}

/** The newest inventory whose parts are all there. */
function latestInventory(entries: readonly Entry[]): Start | null {
  for (let i = entries.length - 1; i >= 0; i--) {
    const { type, data } = entries[i]!;
    if (type !== 'container.inventory') continue;
    const { parts, part, snapshot } = data as { parts?: number; part?: number; snapshot?: string };
    if (typeof parts !== 'number' || part !== parts) continue;
    const whole = entries.filter((entry) => entry.type === type && entry.data?.snapshot === snapshot);
    if (whole.length !== parts) continue;
    const items = whole.flatMap((entry) => (entry.data?.containers ?? []) as unknown as InventoryItem[]);
    return { items, next: i + 1 };
  }
  return null;
}

/** Of messages only: what reconciliation found may be newer than messages that are still to come. */
function cursorOf(entries: readonly Entry[]): bigint | null {
  for (let i = entries.length - 1; i >= 0; i--) {
    const engine = engineOf(entries[i]!);
    if (engine?.seenBy !== 'event') continue;
    const time = parseNano(engine.timeNano);
    if (time !== null) return time;
  }
  return null;
}

function inventoryFrom(entries: readonly Entry[], start: Start | null): Inventory {
  const inventory = new Inventory();
  for (const { id, name, image, state, started, ended, health, inspected } of start?.items ?? []) {
    const known = inventory.take(id, name, image);
    known.running = state !== 'stopped';
    known.paused = state === 'paused';
    known.lastStart = parseNano(started) ?? 0n;
    known.lastDie = parseNano(ended) ?? 0n;
    known.health = health ?? null;
    known.created = true;
    known.inspected = inspected;
  }
  for (const entry of entries.slice(start?.next ?? 0)) replay(entry, inventory);
  return inventory;
}

function replay(entry: Entry, inventory: Inventory): void {
  const { type, data, resource } = entry;
  if (resource.type !== 'container' || !type.startsWith('container.')) return;
  if (type === 'container.destroy') {
    inventory.remove(resource.id);
    return;
  }
  const image = (data?.container as { image?: unknown } | undefined)?.image;
  const known = inventory.take(resource.id, resource.name, typeof image === 'string' ? image : '');
  const at = parseNano(engineOf(entry)?.timeNano);
  switch (type) {
    case 'container.create':
      known.created = true;
      known.inspected = data?.inspected !== false || data?.gone === true;
      break;
    case 'container.inspect':
      known.inspected = true;
      break;
    case 'container.start':
      if (at !== null) noteStart(known, at);
      break;
    case 'container.kill':
      known.signalled = true;
      break;
    case 'container.die':
      if (at !== null) noteDie(known, at);
      break;
    case 'container.pause':
      known.paused = true;
      break;
    case 'container.unpause':
      known.paused = false;
      break;
    case 'container.rename':
      if (typeof data?.after === 'string') known.name = data.after;
      break;
    case 'container.health':
      if (typeof data?.health === 'string') known.health = data.health;
      break;
  }
}

function engineOf({ data }: Entry): EngineData | null {
  const engine = data?.engine;
  return typeof engine === 'object' && engine !== null && !Array.isArray(engine)
    ? (engine as unknown as EngineData)
    : null;
}
