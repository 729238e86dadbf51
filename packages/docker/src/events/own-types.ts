// Events of Docker that the catalogue of core has no names for: who takes data out of containers, or puts it in.
import {
  type ContainerCreateData,
  type ContainerRef,
  defineEvent,
  type EventConstructor,
  type Level,
} from '@audit/core';
import type { EngineData } from './provenance.ts';

interface About {
  readonly container: ContainerRef;
}

const ofContainer = <Data extends About>(name: string, level: Level): EventConstructor<Data> =>
  defineEvent<Data>({
    type: `container.${name}`,
    category: 'container',
    level,
    resource: ({ container: { id, name: called } }) => ({
      type: 'container',
      id,
      ...(called !== undefined && { name: called }),
    }),
  });

/** Somebody's terminal is connected to the container's process. */
export const containerAttach: EventConstructor<About> = ofContainer('attach', 'security');
/** An image was made of the container. */
export const containerCommit: EventConstructor<About> = ofContainer('commit', 'info');
/** The container's file system was read as a whole. */
export const containerExport: EventConstructor<About> = ofContainer('export', 'security');

/**
 * What a container is allowed to do, found out late: when it was created the engine could not be asked. Level
 * `security` with a high or critical risk, like `container.create`.
 */
export const containerInspect: EventConstructor<ContainerCreateData> = defineEvent<ContainerCreateData>({
  type: 'container.inspect',
  category: 'container',
  level: ({ data }) => (hasHighRisk(data.risks) ? 'security' : 'info'),
  resource: ({ container: { id, name } }) => ({ type: 'container', id, ...(name !== undefined && { name }) }),
});

function hasHighRisk(risks: unknown): boolean {
  return (
    Array.isArray(risks) &&
    risks.some((risk) => {
      const severity = (risk as { severity?: unknown } | null)?.severity;
      return severity === 'high' || severity === 'critical';
    })
  );
}

export interface ContainerCopyData extends About {
  /** `out` of the container, or `in`. */
  readonly direction: 'in' | 'out';
}

/** Files were copied between the container and whoever asked the engine. */
export const containerCopy: EventConstructor<ContainerCopyData> = ofContainer('copy', 'security');

const ofImage = (name: string): EventConstructor<ImageOwnData> =>
  defineEvent<ImageOwnData>({
    type: `image.${name}`,
    category: 'container',
    resource: ({ reference }) => ({ type: 'image', id: reference }),
  });

export interface ImageOwnData {
  readonly reference: string;
  readonly digest?: string | undefined;
}

export const imagePush: EventConstructor<ImageOwnData> = ofImage('push');
export const imageSave: EventConstructor<ImageOwnData> = ofImage('save');
export const imageUntag: EventConstructor<ImageOwnData> = ofImage('untag');

/**
 * What the log knows the engine to have, so that a watch that begins anew need not read the log from its beginning.
 * More containers than fit into one entry are told in parts.
 */
export const containerInventory: EventConstructor<InventoryData> = defineEvent<InventoryData>({
  type: 'container.inventory',
  category: 'container',
  resource: ({ engine: { id, name } }) => ({ type: 'engine', id, name }),
});

export interface InventoryData {
  readonly engine: EngineData;
  readonly snapshot: string;
  readonly part: number;
  readonly parts: number;
  readonly containers: readonly InventoryItem[];
}

/** Times as `formatNano` spells them; left out where there is none. */
export interface InventoryItem {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly state: 'running' | 'paused' | 'stopped';
  readonly started?: string;
  readonly ended?: string;
  readonly health?: string;
  readonly inspected: boolean;
}
