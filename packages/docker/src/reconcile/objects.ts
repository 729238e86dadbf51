// Networks and volumes: which there are, and which came or went without a message.
import { randomUUID } from 'node:crypto';
import { type AuditEvent, networkCreate, networkDestroy, volumeCreate, volumeDestroy } from '@audit/core';
import { ask, type Patience } from '../connection/ask.ts';
import type { DockerClient } from '../docker-client.ts';
import { type EngineRef, provenance } from '../events/provenance.ts';
import type { EngineMessage } from '../stream/message.ts';
import { nanoOfTime } from '../stream/nanoseconds.ts';

const KINDS = ['network', 'volume'] as const;
type ObjectKind = (typeof KINDS)[number];

export interface EngineObject {
  readonly kind: ObjectKind;
  /** Of a volume: its name. */
  readonly id: string;
  readonly name: string;
  readonly driver: string;
  readonly created: bigint | null;
}

export interface ObjectDifference extends EngineObject {
  readonly change: 'create' | 'destroy';
}

/** Null for a kind that could not be listed: a proxy before the engine may not allow it. */
export type ListedObjects = Readonly<Record<ObjectKind, ReadonlyMap<string, EngineObject> | null>>;

/** Never rejects. */
export async function listObjects(docker: DockerClient, patience: Patience): Promise<ListedObjects> {
  const networks = ask(patience, 'networks', (options) => docker.listNetworks(options));
  const volumes = ask(patience, 'volumes', (options) => docker.listVolumes(options));
  return {
    network: await networks.then((found) => byId('network', found, 'Created')).catch(() => null),
    volume: await volumes
      .then((found) => byId('volume', (found as { Volumes?: unknown }).Volumes ?? [], 'CreatedAt'))
      .catch(() => null),
  };
}

type Listed = Readonly<Record<string, unknown>>;

function byId(kind: ObjectKind, listed: unknown, time: string): ReadonlyMap<string, EngineObject> {
  const objects = (listed as readonly Listed[]).map((each) => {
    const name = String(each.Name);
    const id = kind === 'network' ? String(each.Id) : name;
    return { kind, id, name, driver: String(each.Driver ?? ''), created: nanoOfTime(each[time]) };
  });
  return new Map(objects.map((object) => [object.id, object]));
}

export class KnownObjects {
  readonly #known: Readonly<Record<ObjectKind, Map<string, EngineObject>>> = {
    network: new Map(),
    volume: new Map(),
  };
  #listed = new Set<ObjectKind>();
  #since: bigint | null = null;

  /** @param since what was created before it is no news; null where nothing is that is there already */
  reset(since: bigint | null): void {
    for (const kind of KINDS) this.#known[kind].clear();
    this.#listed = new Set();
    this.#since = since;
  }

  note({ type, action, id, attributes, timeNano }: EngineMessage): void {
    const known = type === 'network' || type === 'volume' ? this.#known[type] : undefined;
    if (known === undefined || id === '') return;
    const { name = id, type: networkDriver = '', driver = networkDriver } = attributes;
    if (action === 'create') known.set(id, { kind: type as ObjectKind, id, name, driver, created: timeNano });
    else if (action === 'destroy' || action === 'remove') known.delete(id);
  }

  differences(listed: ListedObjects): ObjectDifference[] {
    return KINDS.flatMap((kind) => {
      const there = listed[kind];
      return there === null ? [] : [...this.#compare(kind, there)];
    });
  }

  /** It is in the log now. */
  settle({ change, ...object }: ObjectDifference): void {
    if (change === 'create') this.#known[object.kind].set(object.id, object);
    else this.#known[object.kind].delete(object.id);
  }

  *#compare(kind: ObjectKind, there: ReadonlyMap<string, EngineObject>): Generator<ObjectDifference> {
    const known = this.#known[kind];
    const first = !this.#listed.has(kind);
    this.#listed.add(kind);
    for (const object of there.values()) {
      if (known.has(object.id)) continue;
      const news =
        !first || (this.#since !== null && object.created !== null && object.created > this.#since);
      if (news) yield { ...object, change: 'create' };
      else known.set(object.id, object);
    }
    for (const object of known.values()) {
      if (!there.has(object.id)) yield { ...object, change: 'destroy' };
    }
  }
}

/** The same difference, found again. */
export function objectKey({ kind, change, id, created }: ObjectDifference): string {
  return `${kind}.${change}/${id}/${created ?? ''}`;
}

export function objectEvent(difference: ObjectDifference, engine: EngineRef): AuditEvent {
  const { kind, change, id, name, driver, created } = difference;
  const timeNano = change === 'create' ? created : null;
  const key = `reconciled/${timeNano === null ? randomUUID() : objectKey(difference)}`;
  const { data, ...about } = provenance({ engine, seenBy: 'reconciliation', timeNano, key });
  if (kind === 'network') {
    const construct = change === 'create' ? networkCreate : networkDestroy;
    return construct({ ...about, network: name, driver, data: { ...data, networkId: id } });
  }
  const construct = change === 'create' ? volumeCreate : volumeDestroy;
  return construct({ ...about, volume: id, driver, data });
}
