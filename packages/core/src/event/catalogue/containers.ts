// Containers, their images, networks and volumes, and the resources they use up.
import type { Severity } from './agents.ts';
import { about, type EventConstructor, eventOf } from './define.ts';

export interface ContainerRef {
  readonly id: string;
  readonly name?: string | undefined;
  readonly image?: string | undefined;
  readonly digest?: string | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

export interface ContainerRisk {
  readonly id: string;
  readonly title: string;
  readonly severity: Severity;
}

export interface ContainerCreateData {
  readonly container: ContainerRef;
  readonly privileged?: boolean | undefined;
  readonly capAdd?: readonly string[] | undefined;
  readonly capDrop?: readonly string[] | undefined;
  readonly user?: string | undefined;
  readonly readonlyRootfs?: boolean | undefined;
  readonly securityOpt?: readonly string[] | undefined;
  readonly networkMode?: string | undefined;
  readonly pidMode?: string | undefined;
  readonly ipcMode?: string | undefined;
  /** With `docker.sock`, `/`, `/etc` and `/proc` called out. */
  readonly mounts?: readonly unknown[] | undefined;
  readonly devices?: readonly unknown[] | undefined;
  readonly limits?: { readonly memory?: number; readonly cpus?: number; readonly pids?: number } | undefined;
  readonly risks?: readonly ContainerRisk[] | undefined;
}

/** A container is created. Level `security` with a high or critical risk. */
export const containerCreate = eventOf<ContainerCreateData>('container.create', container());

export interface ContainerData {
  readonly container: ContainerRef;
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
  readonly oomKilled?: boolean | undefined;
  /** For `update` and `rename`. */
  readonly before?: unknown;
  readonly after?: unknown;
}

const lifecycle = (name: string): EventConstructor<ContainerData> =>
  eventOf<ContainerData>(`container.${name}`, container());

export const containerStart = lifecycle('start');
export const containerRestart = lifecycle('restart');
export const containerStop = lifecycle('stop');
/** Level `security`. */
export const containerKill = lifecycle('kill');
/** Level `warning` with an exit code other than 0. */
export const containerDie = lifecycle('die');
export const containerPause = lifecycle('pause');
export const containerUnpause = lifecycle('unpause');
export const containerUpdate = lifecycle('update');
export const containerRename = lifecycle('rename');
export const containerDestroy = lifecycle('destroy');
export const containerHealth = lifecycle('health');

export interface ContainerExecData {
  readonly container: ContainerRef;
  /** Redacted like every string. */
  readonly command: string | readonly string[];
  readonly user?: string | undefined;
  readonly tty?: boolean | undefined;
  readonly exitCode?: number | undefined;
}

/** A command run inside of a container. Level `security`. */
export const containerExec = eventOf<ContainerExecData>('container.exec', container());

function container() {
  return {
    resource: ({ container: { id, name } }: { readonly container: ContainerRef }) => ({
      ...about('container', id, name),
      ...(name === undefined ? {} : { name }),
    }),
  };
}

export interface ImageData {
  readonly reference: string;
  readonly digest?: string | undefined;
}

const image = (name: string): EventConstructor<ImageData> =>
  eventOf<ImageData>(`image.${name}`, {
    resource: ({ reference, digest }) => about('image', reference, digest),
  });

export const imagePull = image('pull');
export const imageImport = image('import');
export const imageDelete = image('delete');
export const imageTag = image('tag');

export interface NetworkData {
  readonly network: string;
  readonly container?: ContainerRef | undefined;
  readonly driver?: string | undefined;
}

const network = (name: string): EventConstructor<NetworkData> =>
  eventOf<NetworkData>(`network.${name}`, { resource: ({ network: id }) => about('network', id) });

export const networkConnect = network('connect');
export const networkDisconnect = network('disconnect');
export const networkCreate = network('create');
export const networkDestroy = network('destroy');

export interface VolumeData {
  readonly volume: string;
  readonly container?: ContainerRef | undefined;
  readonly driver?: string | undefined;
  readonly destination?: string | undefined;
}

const volume = (name: string): EventConstructor<VolumeData> =>
  eventOf<VolumeData>(`volume.${name}`, { resource: ({ volume: id }) => about('volume', id) });

export const volumeCreate = volume('create');
export const volumeMount = volume('mount');
export const volumeDestroy = volume('destroy');

export interface ResourceViolationData {
  /** What ran out: `resource` in `data`. */
  readonly kind: 'memory' | 'cpu' | 'pids' | 'disk' | 'network' | 'time' | 'restarts';
  readonly limit: number;
  readonly observed: number;
  readonly unit?: string | undefined;
  readonly sustainedMs?: number | undefined;
  readonly phase?: 'opened' | 'updated' | 'closed' | undefined;
  readonly action?: 'none' | 'alerted' | 'paused' | 'stopped' | 'killed' | undefined;
  /** What came of the action. */
  readonly result?: string | undefined;
  readonly oomKilled?: boolean | undefined;
  readonly container?: ContainerRef | undefined;
}

/** A limit that was crossed. Level `critical` for an out-of-memory kill or any other. */
export const resourceViolation = eventOf<ResourceViolationData>('resource.violation', {
  operation: ({ kind }) => `${kind || 'resource'} limit`,
  names: { kind: 'resource' },
  resource: ({ container: ref, kind }) =>
    ref ? about('container', ref.id, ref.name) : about('resource', kind),
  outcome: 'failure',
});
