// Which mounts give a container what belongs to the host.
import type { InspectedMount } from './inspected.ts';

/** A mount as entries have it. */
export interface MountFact {
  readonly type: string;
  readonly source?: string;
  readonly volume?: string;
  readonly destination: string;
  readonly readOnly: boolean;
  readonly propagation?: string;
  /** What of the host it opens to the container: `docker.sock`, `/`, `/etc`, … */
  readonly sensitive?: string;
}

/** Sockets whoever can write to is root of the host, under the names they are known by. */
const SOCKETS = /(?:^|\/)(?:docker|podman|containerd|crio|buildkitd|cri-dockerd)\.sock$/;

/**
 * Folders of the host that no container should see. CIS Docker Benchmark v1.6.0, 5.6, lists `/`, `/boot`, `/dev`,
 * `/etc`, `/lib`, `/proc`, `/sys` and `/usr`; the rest hold keys, the engine's own data, or its sockets.
 */
const FOLDERS: readonly string[] = [
  ...['/boot', '/dev', '/etc', '/lib', '/proc', '/sys', '/usr', '/bin', '/sbin', '/root', '/home'],
  ...[
    '/run',
    '/var/run',
    '/var/lib/docker',
    '/var/lib/containerd',
    '/var/lib/kubelet',
    '/var/log',
    '/var/spool/cron',
  ],
];

/** Whose sight alone is too much, even to read. */
const ALWAYS: ReadonlySet<string> = new Set([
  'docker.sock',
  '/',
  '/etc',
  '/proc',
  '/root',
  '/var/lib/docker',
]);

/** Whether a sensitive mount is as grave read-only as it is writable. */
export function isGraveReadOnly(sensitive: string): boolean {
  return ALWAYS.has(sensitive);
}

export function mountFact({ Type, Name, Source, Destination, RW, Propagation }: InspectedMount): MountFact {
  const bound = Type === 'bind' && Source !== undefined;
  const sensitive = bound ? sensitiveName(Source) : null;
  return {
    type: Type ?? 'bind',
    ...(bound && { source: Source }),
    ...(Type === 'volume' && Name !== undefined && { volume: Name }),
    destination: Destination ?? '',
    readOnly: RW === false,
    ...(Propagation !== undefined && Propagation !== '' && { propagation: Propagation }),
    ...(sensitive !== null && { sensitive }),
  };
}

/**
 * The folder a path lies in, or that lies in it: `/var` opens `/var/run`, too. What lies deep in a home is as common
 * as it is harmless, so of `/home` and `/usr` only they themselves count.
 */
function sensitiveName(source: string): string | null {
  const path = source.replace(/(?<=.)\/+$/, '');
  if (path === '/' || path === '') return '/';
  if (SOCKETS.test(path)) return 'docker.sock';
  for (const folder of FOLDERS) {
    if (path === folder) return folder;
    if (path.startsWith(`${folder}/`) && folder !== '/home' && folder !== '/usr') return folder;
  }
  const above = FOLDERS.find((folder) => folder.startsWith(`${path}/`));
  return above === undefined ? null : path;
}
