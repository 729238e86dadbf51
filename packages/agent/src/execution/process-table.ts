// What the kernel tells of processes in /proc (proc(5)). Linux; elsewhere there is nothing to read.
import { readdirSync, readFileSync } from 'node:fs';

/** Of `/proc/<pid>/stat`. */
export interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** In ticks since boot: with the pid, what tells a process from a later one of the same number. */
  readonly started: number;
  /** Processor time of the process and of its children that are over and were waited for. */
  readonly cpuMs: number;
}

/** USER_HZ is 100 on every architecture Node runs on. */
const TICK_MS = 10;

/** Every process there is; those that end meanwhile are left out. */
export function readProcesses(): readonly ProcessStat[] {
  const names = readdirSync('/proc').filter((name) => name >= '1' && name <= '9999999999');
  return names.flatMap((name) => readStat(Number(name)) ?? []);
}

/** Undefined once the process is gone. */
export function readStat(pid: number): ProcessStat | undefined {
  const text = readOf(pid, 'stat');
  // The name stands in parentheses and may hold anything, parentheses too.
  const fields = text
    ?.slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  if (fields === undefined || fields.length < 20) return undefined;
  // Field 3 of proc(5) is the first here: state, parent, group, session; 14 to 17 times; 22 start.
  const [, parent, group, session] = fields as [number, number, number, number];
  const [user, system, childUser, childSystem] = fields.slice(11, 15) as [number, number, number, number];
  const cpuMs = (user + system + childUser + childSystem) * TICK_MS;
  return { pid, parent, group, session, started: fields[19] as number, cpuMs };
}

export interface ResidentMemory {
  /** Bytes now, and the most there has been since the program began. */
  readonly now: number;
  readonly peak: number;
}

/** Undefined once the process is gone, or has no memory any more. */
export function readMemory(pid: number): ResidentMemory | undefined {
  const text = readOf(pid, 'status');
  const kibibytes = (name: string) =>
    Number(new RegExp(`^${name}:\\s*(\\d+) kB`, 'm').exec(text ?? '')?.[1]) * 1024;
  const [now, peak] = [kibibytes('VmRSS'), kibibytes('VmHWM')];
  return Number.isNaN(now) || Number.isNaN(peak) ? undefined : { now, peak };
}

function readOf(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return undefined;
  }
}
