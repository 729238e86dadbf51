// A log with one bit flipped: what must be found for each byte of each of its files. Shared by test and long script.
import { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Log } from './fixture.ts';

/** One byte of a file of the log, and what must be said when a bit of it is flipped. */
export interface Expectation {
  /** Codes of which at least one must be found; empty where nothing need be. */
  readonly codes: readonly string[];
  readonly verdicts: readonly string[];
  /** The finding must begin at this entry. */
  readonly seq?: number;
  /** No finding at all is right too: the byte says nothing about entries or notes. */
  readonly harmless?: true;
}

interface SealedMember {
  readonly start: number;
  readonly end: number;
  readonly first: number;
}

/** Files of the log and its private side that verification reads, by path under the parent of both. */
export function filesOf(directory: string): { path: string; name: string; bytes: number }[] {
  return [directory, `${directory}.private`].flatMap((root) =>
    (readdirSync(root, { recursive: true }) as string[])
      .map((name) => join(root, name))
      .filter((path) => statSync(path).isFile())
      .map((path) => ({ path, name: relative(root, path), bytes: statSync(path).size })),
  );
}

/** What flipping a bit of this byte must lead to: formats.md, *What verification says*. */
export function expectation(log: Log, directory: string, name: string, position: number): Expectation {
  const tampered = ['tampered'];
  const untrusted = ['tampered', 'unverifiable'];
  if (name === 'commit') return { codes: ['slot-torn'], verdicts: ['intact'] };
  if (name === 'log.vkey') return { codes: [], verdicts: ['intact'], harmless: true };
  if (name.startsWith('tree/')) return { codes: ['tree-mismatch'], verdicts: ['intact'] };
  if (name === 'checkpoint' || name === 'high-water') {
    return { codes: ['signature-invalid', 'key-unknown'], verdicts: untrusted };
  }
  if (name === 'checkpoints') {
    const last = position === statSync(join(directory, name)).size - 1;
    // The last newline gone looks like a line that was not written to its end.
    if (last) return { codes: ['slot-torn'], verdicts: ['intact'] };
    return { codes: ['signature-invalid', 'key-unknown'], verdicts: untrusted };
  }
  if (name.endsWith('.gz')) {
    const { first } = membersOf(join(directory, name), log).findLast(({ start }) => start <= position)!;
    return { codes: ['segment-unreadable'], verdicts: tampered, seq: first, harmless: true };
  }
  const [first] = log.segments().find(([, , file]) => name.endsWith(file))!;
  const seq = first + lineAt(readFileSync(join(directory, name)), position);
  return { codes: ['entry-modified', 'entry-missing', 'truncated'], verdicts: tampered, seq };
}

/** The line a byte belongs to, its newline included. */
function lineAt(bytes: Buffer, position: number): number {
  let lines = 0;
  for (let at = bytes.indexOf(10); at !== -1 && at < position; at = bytes.indexOf(10, at + 1)) lines++;
  return lines;
}

function membersOf(path: string, log: Log): SealedMember[] {
  const bytes = readFileSync(path);
  const members: SealedMember[] = [];
  const [segment] = log.segments().find(([, , file]) => path.endsWith(`${file}.gz`))!;
  let first = segment;
  for (let start = 0; start < bytes.length; ) {
    const end = start + bytes.readUInt32LE(start + 16);
    members.push({ start, end, first });
    first = (Math.floor(first / 256) + 1) * 256;
    start = end;
  }
  return members;
}

/** Writes a file with one bit flipped, runs `check`, and puts the file back. */
export async function withFlip(
  path: string,
  position: number,
  bit: number,
  check: () => Promise<void>,
): Promise<void> {
  const original = readFileSync(path);
  const flipped = Buffer.from(original);
  flipped[position]! ^= 1 << bit;
  writeFileSync(path, flipped);
  // Not just now: a torn slot that is fresh would be read again, as its writer may be at it.
  utimesSync(path, new Date(0), new Date(0));
  try {
    await check();
  } finally {
    writeFileSync(path, original);
  }
}

interface Reported {
  readonly verdict: string;
  readonly entriesChecked: number;
  readonly firstBadSeq: number | null;
  readonly findings: readonly { readonly code: string; readonly seq: number | { from: number } | null }[];
}

/** What is wrong with a report, in words; null where it is as it must be. */
export function complaint(expected: Expectation, report: Reported, entries: number): string | null {
  const { findings, verdict, entriesChecked, firstBadSeq } = report;
  if (findings.length === 0) {
    const read = entriesChecked === entries && verdict === 'intact';
    return expected.harmless && read ? null : 'nothing was found';
  }
  if (!expected.verdicts.includes(verdict)) return `the verdict is ${verdict}`;
  if (!findings.some(({ code }) => expected.codes.includes(code))) return 'none of the expected findings';
  if (expected.seq !== undefined && firstBadSeq !== expected.seq) return `located at ${firstBadSeq}`;
  return null;
}

/** The log the flips are tried on: two gzip members, an active segment, slots, kept notes, high-water. */
export function planForFlips(): { count: number; segments: number[]; sealed: number[]; kept: number[] } {
  return { count: 300, segments: [0, 280], sealed: [0], kept: [100, 280] };
}
