// A process and all it has started: found in the process table, measured, killed. A process that leaves group and session
// of its parent is followed if it was seen before its parent ended; what is quicker than that escapes.
import { type ProcessStat, readMemory, readProcesses, readStat } from './process-table.ts';

export interface Sample {
  /** Processes there are. */
  readonly count: number;
  readonly cpuMs: number;
  /** Resident memory in bytes, all together; what they share counts for each of them. */
  readonly rssBytes: number;
  /** The most one of them has had, as the kernel keeps it. */
  readonly peakBytes: number;
}

export class ProcessFamily {
  readonly #leader: number;
  readonly #watched: boolean;
  /** Pid → when it started. */
  readonly #known = new Map<number, number>();

  /** @param leader leads its process group */
  constructor(leader: number, watched: boolean) {
    this.#leader = leader;
    this.#watched = watched;
  }

  sample(): Sample {
    let [cpuMs, rssBytes, peakBytes] = [0, 0, 0];
    const members = this.#members();
    for (const { pid, cpuMs: own } of members) {
      cpuMs += own;
      const memory = readMemory(pid);
      rssBytes += memory?.now ?? 0;
      peakBytes = Math.max(peakBytes, memory?.peak ?? 0);
    }
    return { count: members.length, cpuMs, rssBytes, peakBytes };
  }

  /**
   * Sends a signal to the whole group, and to each that has left it.
   * @returns how many there were; null where nobody can count
   */
  kill(signal: NodeJS.Signals): number | null {
    const members = this.#members();
    // Before the single ones: a group is signalled at once, and none of it can fork meanwhile unseen.
    send(process.platform === 'win32' ? this.#leader : -this.#leader, signal);
    for (const { pid, group, started } of members) {
      if (group === this.#leader) continue;
      if (readStat(pid)?.started === started) send(pid, signal);
    }
    return this.#watched ? members.length : null;
  }

  #members(): readonly ProcessStat[] {
    if (!this.#watched) return [];
    const all = readProcesses();
    const children = new Map<number, ProcessStat[]>();
    for (const stat of all) children.set(stat.parent, [...(children.get(stat.parent) ?? []), stat]);
    const found = new Set<ProcessStat>();
    const queue = all.filter(
      ({ pid, group, session, started }) =>
        group === this.#leader || session === this.#leader || this.#known.get(pid) === started,
    );
    for (let stat = queue.pop(); stat !== undefined; stat = queue.pop()) {
      if (found.has(stat)) continue;
      found.add(stat);
      queue.push(...(children.get(stat.pid) ?? []));
    }
    this.#known.clear();
    for (const { pid, started } of found) this.#known.set(pid, started);
    return [...found];
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone already.
  }
}
