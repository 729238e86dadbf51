// What single entries say, as findings.
import type { Findings } from './findings.ts';
import type { Range } from './pass.ts';
import type { Observation } from './scan.ts';

/** `proven`: the leaf is under a signed root, so it is the writer who wrote it so. */
export function reportObservation(one: Observation, proven: boolean, findings: Findings): void {
  if (one.kind === 'malformed') {
    if (one.version !== undefined && proven) {
      const message = `Entry ${one.seq} has format version ${printable(one.version)}, which this software cannot read.`;
      findings.add('version-unknown', one.seq, message);
    } else {
      findings.add('entry-malformed', one.seq, `Entry ${one.seq} is ${one.problem}.`);
    }
  } else if (one.kind === 'unchained') {
    findings.add(
      'entry-malformed',
      one.seq,
      `Entry ${one.seq} does not continue the chain: ${one.problem}.`,
      { id: one.id },
    );
  } else if (one.kind === 'time-backwards') {
    findings.add('time-backwards', one.seq, `Entry ${one.seq}: ${one.problem}.`, { id: one.id });
  }
}

export function reportDamaged({ from, to }: Range, findings: Findings): void {
  if (from === to) {
    findings.add(
      'segment-unreadable',
      from,
      `What stands behind entry ${from - 1} is not cut into gzip members as it was written.`,
    );
  } else {
    findings.add(
      'segment-unreadable',
      { from, to },
      `Entries ${from} to ${to - 1} lie in a gzip member that is damaged.`,
    );
  }
}

function printable(version: unknown): string {
  return (JSON.stringify(version) ?? 'unknown').slice(0, 20);
}
