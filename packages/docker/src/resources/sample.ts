// One answer of `GET /containers/{id}/stats`, of cgroup v1 or v2, as the few numbers that limits are about.
// Source: Docker Engine API 1.41 to 1.50, ContainerStats. Imports nothing.

/** Counters grow over the life of a container. What the engine does not report is undefined. */
export interface Sample {
  /** When the engine read it, in milliseconds since the epoch, by the engine's clock. */
  readonly at: number;
  /** In bytes. `limit` is the container's own or, where it has none, the host's memory. */
  readonly memory?: { readonly used: number; readonly limit: number } | undefined;
  /** Counters. Periods are counted only where there is a CPU quota. */
  readonly cpu?: { readonly periods: number; readonly throttled: number } | undefined;
  /** `limit` is undefined where there is none. */
  readonly pids?: { readonly current: number; readonly limit: number | undefined } | undefined;
  /** Counters, in bytes. */
  readonly diskBytes?: number | undefined;
  readonly networkBytes?: number | undefined;
}

/** Undefined for a container that does not run: the engine answers for it, too, with zeros. */
export function readSample(stats: unknown): Sample | undefined {
  const { read, memory_stats, cpu_stats, pids_stats, blkio_stats, networks } = members(stats);
  const at = typeof read === 'string' ? Date.parse(read) : Number.NaN;
  const memory = readMemory(members(memory_stats));
  const pids = readPids(members(pids_stats));
  // Go's zero time is in the year 1.
  if (!(at > 0) || (memory === undefined && pids === undefined)) return undefined;
  return {
    at,
    memory,
    pids,
    cpu: readThrottling(members(members(cpu_stats).throttling_data)),
    diskBytes: readDisk(members(blkio_stats).io_service_bytes_recursive),
    networkBytes: readNetworks(networks),
  };
}

/**
 * The kernel counts page cache as used, though it drops what was not touched lately before anything is killed. So
 * does `docker stats`: v1 counts it for the whole tree as `total_inactive_file`, v2 as `inactive_file`.
 */
function readMemory({ usage, limit, stats }: Members): Sample['memory'] {
  const total = count(usage);
  const most = count(limit);
  if (total === undefined || most === undefined || most === 0) return undefined;
  const { total_inactive_file, inactive_file } = members(stats);
  const cache = count(total_inactive_file) ?? count(inactive_file) ?? 0;
  return { used: cache < total ? total - cache : total, limit: most };
}

function readThrottling({ periods, throttled_periods }: Members): Sample['cpu'] {
  const [all, throttled] = [count(periods), count(throttled_periods)];
  return all === undefined || throttled === undefined ? undefined : { periods: all, throttled };
}

function readPids({ current, limit }: Members): Sample['pids'] {
  const now = count(current);
  if (now === undefined) return undefined;
  // No limit is no member or 0 on v1, and 2^64 − 1 on v2.
  const most = count(limit);
  return { current: now, limit: most === 0 ? undefined : most };
}

/** v1 names the operations `Read`, `Write`, `Sync`, `Async`, `Total`, where the first two make up the last; v2 `read`, `write`. */
function readDisk(list: unknown): number | undefined {
  if (!Array.isArray(list)) return undefined;
  let bytes = 0;
  for (const item of list) {
    const { op, value } = members(item);
    const name = typeof op === 'string' ? op.toLowerCase() : '';
    if (name === 'read' || name === 'write') bytes += count(value) ?? 0;
  }
  return bytes;
}

function readNetworks(networks: unknown): number | undefined {
  if (typeof networks !== 'object' || networks === null) return undefined;
  let bytes = 0;
  for (const item of Object.values(networks)) {
    const { rx_bytes, tx_bytes } = members(item);
    bytes += (count(rx_bytes) ?? 0) + (count(tx_bytes) ?? 0);
  }
  return bytes;
}

type Members = Readonly<Record<string, unknown>>;

function members(value: unknown): Members {
  return typeof value === 'object' && value !== null ? (value as Members) : {};
}

/** The kernel's `max` reaches us as 2^63 or 2^64 − 1, beyond what a number holds, and means that there is none. */
function count(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER ? value : undefined;
}
