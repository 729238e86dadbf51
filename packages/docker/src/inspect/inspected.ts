// What is read of the engine's answer to an inspection of a container. Everything may be missing: engines differ by
// version. Types only.

export interface InspectedMount {
  readonly Type?: string;
  readonly Name?: string;
  readonly Source?: string;
  readonly Destination?: string;
  readonly RW?: boolean;
  readonly Propagation?: string;
}

export interface InspectedHost {
  readonly Privileged?: boolean;
  readonly CapAdd?: readonly string[] | null;
  readonly CapDrop?: readonly string[] | null;
  readonly SecurityOpt?: readonly string[] | null;
  readonly ReadonlyRootfs?: boolean;
  readonly NetworkMode?: string;
  readonly PidMode?: string;
  readonly IpcMode?: string;
  readonly UTSMode?: string;
  readonly UsernsMode?: string;
  readonly CgroupnsMode?: string;
  readonly MaskedPaths?: readonly string[] | null;
  readonly Devices?: readonly { readonly PathOnHost?: string; readonly CgroupPermissions?: string }[] | null;
  readonly DeviceCgroupRules?: readonly string[] | null;
  readonly DeviceRequests?: readonly { readonly Driver?: string; readonly Count?: number }[] | null;
  readonly Memory?: number;
  readonly NanoCpus?: number;
  readonly CpuPeriod?: number;
  readonly CpuQuota?: number;
  readonly PidsLimit?: number | null;
  readonly OomKillDisable?: boolean | null;
  readonly AutoRemove?: boolean;
  readonly RestartPolicy?: { readonly Name?: string; readonly MaximumRetryCount?: number };
  readonly PortBindings?: Readonly<
    Record<string, readonly { readonly HostIp?: string; readonly HostPort?: string }[] | null>
  > | null;
}

export interface InspectedState {
  readonly Running?: boolean;
  readonly Paused?: boolean;
  readonly OOMKilled?: boolean;
  readonly ExitCode?: number;
  readonly StartedAt?: string;
  readonly FinishedAt?: string;
  readonly Health?: { readonly Status?: string };
}

export interface InspectedContainer {
  readonly Id?: string;
  readonly Name?: string;
  readonly Created?: string;
  /** Id of the image. */
  readonly Image?: string;
  readonly Path?: string;
  readonly Args?: readonly string[] | null;
  readonly State?: InspectedState;
  readonly HostConfig?: InspectedHost;
  readonly Mounts?: readonly InspectedMount[] | null;
  readonly Config?: {
    readonly Image?: string;
    readonly User?: string;
    readonly Env?: readonly string[] | null;
    readonly Labels?: Readonly<Record<string, string>> | null;
    readonly Healthcheck?: { readonly Test?: readonly string[] | null } | null;
  };
}
