// What a thief with write access could do to the files, done to copies of them, and what verification answers.
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type AuditLog,
  backupLog,
  type Entry,
  type FindingCode,
  parseVerifierKey,
  type VerifyReport,
  verifyDirectory,
} from '@audit/core';

/** One way to tamper, and what must be found. */
export interface Crime {
  readonly name: string;
  /** What is done, in a few words. */
  readonly what: string;
  /** The finding that must be told; null where the log must still be called intact. */
  readonly finding: FindingCode | null;
  /** The entry it must name; null where none can be named. */
  readonly seq: number | null;
  /** Notes the verifier kept outside the machine. */
  readonly since?: readonly string[];
  /** Where the copy is taken from; it is not changed. */
  readonly from: string;
  readonly commit: (copy: string) => Promise<void>;
}

/** What verification said of one tampered copy. */
export interface Trial {
  readonly crime: Crime;
  readonly report: VerifyReport;
  /** It was found, and at the right entry. */
  readonly caught: boolean;
}

/** A genuine copy of the log, as it stood at so many entries. */
export interface LogState {
  readonly directory: string;
  readonly size: number;
}

export interface Evidence {
  /** The log as it is now, and as it was earlier. */
  readonly now: LogState;
  readonly older: LogState;
  /** A newer note, kept by the verifier. */
  readonly note: string;
  /** Entries written since. */
  readonly entries: readonly Entry[];
}

/** The six classic ways, aimed at entries of today; and what the key alone cannot tell. */
export function crimes({ now, older, note, entries }: Evidence): readonly Crime[] {
  const { directory } = now;
  const cut = now.size - 5;
  const refused = entries.findLast(
    ({ type, outcome }) => type === 'auth.attempt' && outcome === 'denied',
  )!.seq;
  const order = entries.findLast(({ type }) => type === 'data.create')!.seq;
  const at = (seq: number, change: (lines: string[], index: number) => void) => (copy: string) =>
    changeLines(copy, seq, change);

  return [
    {
      name: 'edit',
      what: `make refused login ${refused} a success`,
      finding: 'entry-modified',
      seq: refused,
      from: directory,
      commit: at(refused, (lines, index) => {
        lines[index] = lines[index]!.replace('"outcome":"denied"', '"outcome":"success"');
      }),
    },
    {
      name: 'delete',
      what: `take out order ${order}`,
      finding: 'entry-missing',
      seq: order,
      from: directory,
      commit: at(order, (lines, index) => lines.splice(index, 1)),
    },
    {
      name: 'insert',
      what: `put in an order after ${order}`,
      finding: 'entry-inserted',
      seq: order + 1,
      from: directory,
      commit: at(order, (lines, index) => lines.splice(index + 1, 0, forgeAfter(lines[index]!))),
    },
    {
      name: 'reorder',
      what: `swap ${order - 1} and ${order}`,
      finding: 'entry-reordered',
      seq: order - 1,
      from: directory,
      commit: at(order, (lines, index) => {
        lines.splice(index - 1, 2, lines[index]!, lines[index - 1]!);
      }),
    },
    {
      name: 'truncate',
      what: 'cut off the last 5 entries',
      finding: 'truncated',
      seq: cut,
      from: directory,
      commit: at(cut, (lines, index) => lines.splice(index, 5)),
    },
    {
      name: 'roll back',
      what: `put back the state of ${older.size} entries`,
      finding: 'rolled-back',
      seq: null,
      since: [note],
      from: older.directory,
      commit: async () => {},
    },
    {
      name: 'forget',
      what: 'the same, with no kept checkpoint',
      finding: null,
      seq: null,
      from: older.directory,
      commit: async () => {},
    },
  ];
}

/** Commits each crime on a copy of its own, under `copies`, and has the copy verified with the pinned key. */
export async function* tryAll(all: readonly Crime[], vkey: string, copies: string): AsyncGenerator<Trial> {
  for (const crime of all) {
    const copy = join(copies, crime.name);
    await cp(crime.from, copy, { recursive: true });
    await crime.commit(copy);
    const report = await verifyDirectory(copy, { keys: [parseVerifierKey(vkey)], since: crime.since ?? [] });
    yield { crime, report, caught: isCaught(crime, report) };
  }
}

/** Copies the log as it stands at its newest checkpoint into a folder of its own: what is recorded meanwhile is not in it. */
export async function copyState(log: AuditLog, folder: string): Promise<LogState> {
  await log.flush();
  const { location, vkey } = log.info();
  const { backup, size } = await backupLog({ directory: location, backups: folder, keys: [vkey] });
  return { directory: backup, size };
}

function isCaught({ finding, seq }: Crime, report: VerifyReport): boolean {
  if (finding === null) return report.verdict === 'intact';
  const found = report.findings.find(({ code }) => code === finding);
  return report.verdict === 'tampered' && found !== undefined && (seq === null || report.firstBadSeq === seq);
}

/** Lets `change` work on the lines of the segment that holds entry `seq`. */
async function changeLines(copy: string, seq: number, change: (lines: string[], index: number) => void) {
  const folder = join(copy, 'entries');
  const active = (await readdir(folder)).filter((name) => name.endsWith('.jsonl')).sort();
  const file = join(folder, active.at(-1)!);
  const lines = (await readFile(file, 'utf8')).split('\n');
  const index = lines.findIndex((line) => line.includes(`"seq":${seq},"time"`));
  if (index === -1) throw new Error(`entry ${seq} is not in ${file}`);
  change(lines, index);
  await writeFile(file, lines.join('\n'));
}

/** An entry that could follow `line`, down to its place in the sequence; only its hash fits nowhere. */
function forgeAfter(line: string): string {
  const entry = JSON.parse(line) as Entry;
  return line
    .replace(entry.id, entry.id.replace(/.{4}$/, 'f0f0'))
    .replace(`"seq":${entry.seq},`, `"seq":${entry.seq + 1},`);
}
