// Named risks of a container's configuration. `CIS-…` ids are recommendations of the CIS Docker Benchmark v1.6.0,
// sections 4 and 5; the others have none there.
import type { ContainerRisk, Severity } from '@audit/core';
import type { InspectedContainer, InspectedHost } from './inspected.ts';
import { isGraveReadOnly, type MountFact } from './mounts.ts';

/** With any of these a process of the container can become root of the host, or read all it has. */
const GRAVE_CAPABILITIES: ReadonlySet<string> = new Set([
  ...[
    'ALL',
    'SYS_ADMIN',
    'SYS_MODULE',
    'SYS_PTRACE',
    'SYS_RAWIO',
    'SYS_BOOT',
    'DAC_READ_SEARCH',
    'DAC_OVERRIDE',
  ],
  ...['BPF', 'PERFMON', 'NET_ADMIN', 'MAC_ADMIN', 'MAC_OVERRIDE', 'SYSLOG'],
]);

/** Highest severity first; one risk of each id and object. */
export function risksOf(
  container: InspectedContainer,
  mounts: readonly MountFact[],
): readonly ContainerRisk[] {
  const host = container.HostConfig ?? {};
  return [
    ...privileges(host),
    ...namespaces(host),
    ...mounts.flatMap((mount) => [...mountRisks(mount)]),
    ...devices(host),
    ...limits(host),
    ...ports(host),
    ...user(container),
  ].sort((a, b) => ORDER.indexOf(b.severity) - ORDER.indexOf(a.severity));
}

const ORDER: readonly Severity[] = ['info', 'low', 'medium', 'high', 'critical'];

function risk(id: string, severity: Severity, title: string): ContainerRisk {
  return { id, title, severity };
}

function* privileges(host: InspectedHost): Generator<ContainerRisk> {
  if (host.Privileged === true) {
    yield risk('CIS-5.5', 'critical', 'privileged: every capability and device of the host');
  }
  for (const name of host.CapAdd ?? []) {
    const capability = name.replace(/^CAP_/i, '').toUpperCase();
    const severity = GRAVE_CAPABILITIES.has(capability) ? 'high' : 'medium';
    yield risk('CIS-5.4', severity, `capability ${capability} added`);
  }
  const options = host.SecurityOpt ?? [];
  const has = (...wanted: string[]) =>
    options.some((option) => wanted.includes(option.toLowerCase().replace(':', '=')));
  if (has('seccomp=unconfined')) yield risk('CIS-5.22', 'high', 'seccomp is off: every system call');
  if (has('apparmor=unconfined')) yield risk('CIS-5.2', 'high', 'AppArmor is off');
  if (has('label=disable')) yield risk('CIS-5.3', 'medium', 'SELinux labels are off');
  // A privileged container has no masked paths either: that is part of being privileged.
  if (has('systempaths=unconfined') || (host.MaskedPaths?.length === 0 && host.Privileged !== true)) {
    yield risk('system-paths', 'high', 'paths of /proc and /sys that are masked by default are open');
  }
  if (!has('no-new-privileges', 'no-new-privileges=true')) {
    yield risk('CIS-5.26', 'low', 'processes may gain privileges (no-new-privileges is not set)');
  }
  if (host.ReadonlyRootfs !== true) yield risk('CIS-5.13', 'low', 'the root file system is writable');
}

function* namespaces(host: InspectedHost): Generator<ContainerRisk> {
  if (host.NetworkMode === 'host') yield risk('CIS-5.10', 'high', "the host's network");
  if (host.PidMode === 'host') yield risk('CIS-5.16', 'high', "the host's processes");
  if (host.IpcMode === 'host') yield risk('CIS-5.17', 'high', "the host's IPC");
  if (host.UTSMode === 'host') yield risk('CIS-5.21', 'medium', "the host's name (UTS namespace)");
  if (host.UsernsMode === 'host') yield risk('CIS-5.31', 'medium', "the host's user ids (user namespace)");
}

function* mountRisks(mount: MountFact): Generator<ContainerRisk> {
  const { sensitive, source = '', readOnly, propagation = '' } = mount;
  if (sensitive === 'docker.sock') {
    yield risk('CIS-5.32', 'critical', `a container engine's socket is mounted: ${source}`);
  } else if (sensitive === '/') {
    yield risk('CIS-5.6', 'critical', "the host's root is mounted");
  } else if (sensitive !== undefined) {
    const severity = !readOnly || isGraveReadOnly(sensitive) ? 'high' : 'medium';
    yield risk('CIS-5.6', severity, `a folder of the host is mounted: ${source}`);
  }
  if (/^r?shared$/.test(propagation)) {
    yield risk('CIS-5.20', 'medium', `mounts below ${mount.destination} reach the host (${propagation})`);
  }
}

function* devices(host: InspectedHost): Generator<ContainerRisk> {
  for (const { PathOnHost = 'unknown' } of host.Devices ?? []) {
    yield risk('CIS-5.18', 'high', `a device of the host: ${PathOnHost}`);
  }
  for (const rule of host.DeviceCgroupRules ?? []) yield risk('CIS-5.18', 'high', `devices by rule: ${rule}`);
  for (const { Driver } of host.DeviceRequests ?? []) {
    yield risk('CIS-5.18', 'medium', `devices by request: ${Driver || 'any driver'}`);
  }
}

function* limits(host: InspectedHost): Generator<ContainerRisk> {
  if (!positive(host.Memory)) yield risk('CIS-5.11', 'low', 'memory without a limit');
  if (!positive(host.NanoCpus) && !positive(host.CpuQuota)) {
    yield risk('CIS-5.12', 'low', 'CPU without a limit');
  }
  if (!positive(host.PidsLimit)) yield risk('CIS-5.29', 'low', 'processes without a limit');
  if (host.OomKillDisable === true) {
    yield risk('oom-kill-disabled', 'medium', 'is not killed when it is out of memory');
  }
}

function* ports(host: InspectedHost): Generator<ContainerRisk> {
  for (const [port, bindings] of Object.entries(host.PortBindings ?? {})) {
    for (const { HostIp = '', HostPort = '' } of bindings ?? []) {
      const number = Number(HostPort);
      if (number > 0 && number < 1_024)
        yield risk('CIS-5.8', 'low', `privileged port ${HostPort} of the host`);
      if (HostIp === '' || HostIp === '0.0.0.0' || HostIp === '::') {
        yield risk('CIS-5.14', 'low', `port ${port} on every interface of the host`);
      }
    }
  }
}

/** The benchmark wants the image to name a user (4.1); what counts is who the container runs as. */
function* user({ Config }: InspectedContainer): Generator<ContainerRisk> {
  const name = (Config?.User ?? '').split(':', 1)[0];
  if (name === '' || name === 'root' || name === '0') yield risk('CIS-4.1', 'low', 'runs as root');
}

function positive(value: number | null | undefined): boolean {
  return typeof value === 'number' && value > 0;
}
