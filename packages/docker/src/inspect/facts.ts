// An inspection as facts: what `container.create` says, and what is compared after a gap.
import type { ContainerCreateData, ContainerRef } from '@audit/core';
import { nanoOfTime } from '../stream/nanoseconds.ts';
import type { InspectedContainer } from './inspected.ts';
import { mountFact } from './mounts.ts';
import { risksOf } from './risks.ts';

/** Limits of a container, those it has: bytes, CPUs, processes. */
export interface LimitFacts {
  readonly memory?: number;
  readonly cpus?: number;
  readonly pids?: number;
}

/** Where a container stands. */
export interface StateFacts {
  readonly running: boolean;
  readonly paused: boolean;
  readonly oomKilled: boolean;
  readonly exitCode: number | null;
  readonly created: bigint | null;
  readonly startedAt: bigint | null;
  readonly finishedAt: bigint | null;
  readonly health: string | null;
}

export interface ContainerFacts {
  readonly container: ContainerRef & { readonly id: string };
  /** Everything `container.create` says besides `container`. */
  readonly data: Omit<ContainerCreateData, 'container'> & Readonly<Record<string, unknown>>;
  readonly limits: LimitFacts;
  readonly restartPolicy: string;
  readonly state: StateFacts;
  /** The command of the health check as the engine's `exec_create` spells it; null without one. */
  readonly healthCommand: string | null;
}

/** @param values whether values of environment variables are part of it, or their names only */
export function factsOf(inspected: InspectedContainer, values: boolean): ContainerFacts {
  const { HostConfig: host = {}, Config: config = {}, State: state = {} } = inspected;
  const mounts = (inspected.Mounts ?? []).map(mountFact);
  const limits = limitsOf(inspected);
  const restartPolicy = restartPolicyOf(inspected);
  const container = {
    id: inspected.Id ?? '',
    name: (inspected.Name ?? '').replace(/^\//, ''),
    ...(config.Image !== undefined && { image: config.Image }),
    ...(inspected.Image !== undefined && { digest: inspected.Image }),
    labels: { ...config.Labels },
  };
  const env = config.Env ?? [];
  return {
    container,
    data: {
      command: [inspected.Path ?? '', ...(inspected.Args ?? [])],
      // Names only: values are where secrets are.
      environment: values ? env : env.map((entry) => entry.split('=', 1)[0]),
      privileged: host.Privileged === true,
      capAdd: host.CapAdd ?? [],
      capDrop: host.CapDrop ?? [],
      user: config.User ?? '',
      readonlyRootfs: host.ReadonlyRootfs === true,
      securityOpt: host.SecurityOpt ?? [],
      networkMode: host.NetworkMode,
      pidMode: host.PidMode,
      ipcMode: host.IpcMode,
      utsMode: host.UTSMode,
      usernsMode: host.UsernsMode,
      cgroupnsMode: host.CgroupnsMode,
      mounts,
      devices: (host.Devices ?? []).map(({ PathOnHost, CgroupPermissions }) => ({
        path: PathOnHost,
        permissions: CgroupPermissions,
      })),
      ports: portsOf(inspected),
      limits,
      restartPolicy,
      autoRemove: host.AutoRemove === true,
      risks: risksOf(inspected, mounts),
    },
    limits,
    restartPolicy,
    state: {
      running: state.Running === true,
      paused: state.Paused === true,
      oomKilled: state.OOMKilled === true,
      exitCode: typeof state.ExitCode === 'number' ? state.ExitCode : null,
      created: nanoOfTime(inspected.Created),
      startedAt: nanoOfTime(state.StartedAt),
      finishedAt: nanoOfTime(state.FinishedAt),
      health: state.Health?.Status ?? null,
    },
    healthCommand: healthCommandOf(config.Healthcheck?.Test ?? null),
  };
}

function limitsOf({ HostConfig: host = {} }: InspectedContainer): LimitFacts {
  const { Memory = 0, NanoCpus = 0, CpuQuota = 0, CpuPeriod = 0, PidsLimit } = host;
  // 100 ms is the kernel's period where none is set.
  const cpus = NanoCpus > 0 ? NanoCpus / 1e9 : CpuQuota > 0 ? CpuQuota / (CpuPeriod || 100_000) : 0;
  return {
    ...(Memory > 0 && { memory: Memory }),
    ...(cpus > 0 && { cpus }),
    ...(typeof PidsLimit === 'number' && PidsLimit > 0 && { pids: PidsLimit }),
  };
}

function restartPolicyOf({ HostConfig: host = {} }: InspectedContainer): string {
  const { Name = '', MaximumRetryCount = 0 } = host.RestartPolicy ?? {};
  return MaximumRetryCount > 0 ? `${Name}:${MaximumRetryCount}` : Name || 'no';
}

function portsOf({ HostConfig: host = {} }: InspectedContainer): readonly string[] {
  return Object.entries(host.PortBindings ?? {}).flatMap(([port, bindings]) =>
    (bindings ?? []).map(({ HostIp = '', HostPort = '' }) => `${HostIp}:${HostPort}->${port}`),
  );
}

/** moby: daemon/health.go. `CMD-SHELL` runs in the image's shell, whatever that is: its end tells it. */
function healthCommandOf(test: readonly string[] | null): string | null {
  const [kind, ...command] = test ?? [];
  if (kind === 'CMD-SHELL') return ` ${command.join(' ')}`;
  return kind === 'CMD' ? command.join(' ') : null;
}
