// What a prune would take away, and whether it may: everything is read and checked before anything is committed.
import { join } from 'node:path';
import { AuditError } from '../../errors.ts';
import { commitToKept, isKeptEntry } from '../../event/kept.ts';
import type { Hash } from '../../merkle/hasher.ts';
import { nodeHasher } from '../../merkle/node-hasher.ts';
import { rootOf } from '../../merkle/proof.ts';
import { parseCheckpoint } from '../../note/checkpoint.ts';
import { parseNote } from '../../note/note.ts';
import type { PrunePlan } from '../store.ts';
import { checkTreePart } from './check-part.ts';
import { readKeptLines } from './kept-file.ts';
import { ENTRIES_DIRECTORY, KEPT_FILE } from './layout.ts';
import { lastPrune, type RecordedPrune } from './prune.ts';
import { type Active, type Range, readSegments } from './read.ts';
import { describeSegments, type SegmentView } from './segments.ts';
import type { TreeFiles } from './tree-files.ts';

/** Leaf hashes read at once. */
const STRETCH = 32_768;

export interface PlanRequest extends SegmentView {
  readonly tree: TreeFiles;
  readonly note: string | null;
  readonly active: Active;
  /** Up to where a prune was recorded since the log was opened. */
  readonly recorded: number;
  readonly signal: AbortSignal | undefined;
}

/** An entry that stays. */
interface Kept {
  readonly seq: number;
  readonly text: string;
}

/**
 * Chooses the sealed segments that end at or before `to`, holds their entries and what was kept before against `tree/`
 * and the tree against the newest note, and syncs the tree: from now on it is all that proves them. Nothing but that
 * sync is done.
 *
 * @throws AuditError `LOG_TAMPERED`
 */
export async function planPrune(to: number, request: PlanRequest): Promise<PrunePlan> {
  const { disk, directory, tree, note, size, active, recorded, signal } = request;
  const all = await describeSegments(request);
  const from = all[0]?.first ?? 0;
  const before = from === 0 ? undefined : await lastPrune(disk, directory, size, active, all.length);
  // One that was recorded and could not be finished is finished by this one.
  const until = Math.max(to, recorded, before?.to ?? 0);
  const open = all.findIndex(({ first, entries, sealed }) => !sealed || first + entries > until);
  const segments = all.slice(0, open === -1 ? all.length : open);
  const last = segments.at(-1);
  if (last === undefined || note === null) return nothing(from);
  const part = { from, to: last.first + last.entries };
  await checkTreePart(
    (level, start, end) => tree.read(level, start, end),
    part,
    parseCheckpoint(parseNote(note).text),
  );
  const kept = await readKept(request);
  const entries = await readPart(request, part);
  const missing = new Set(kept.map(({ seq }) => seq));
  kept.push(...entries.filter(({ seq }) => !missing.has(seq)));
  if (before !== undefined) checkAgainst(before, kept);
  signal?.throwIfAborted();
  await tree.sync();
  return {
    ...part,
    segments,
    root: await rootOf(nodeHasher, part.to, (level, start, end) => tree.read(level, start, end)),
    kept: commitToKept(
      nodeHasher,
      kept.map(({ text }) => text),
    ),
  };
}

/** Lines kept by prunes before this one: each is the entry it says it is. */
async function readKept({ disk, directory, tree }: PlanRequest): Promise<Kept[]> {
  const kept: Kept[] = [];
  for (const text of await readKeptLines(disk, directory)) {
    const seq = seqOf(text);
    if ((await tree.read(0, seq, seq + 1))[0] !== nodeHasher.leaf(text)) throw wrongKept(directory);
    kept.push({ seq, text });
  }
  return kept.sort((a, b) => a.seq - b.seq);
}

/** What is kept now must hold all that the prune before kept: else this one would sign that what is missing never was. */
function checkAgainst({ to, kept: wanted }: RecordedPrune, kept: readonly Kept[]): void {
  if (wanted === undefined) return;
  const lines = kept.filter(({ seq }) => seq < to).map(({ text }) => text);
  if (commitToKept(nodeHasher, lines).sha256 !== wanted.sha256) throw wrongKept('the log');
}

/** The entries are those under the root: pruning is no way to be rid of one that was changed. Returns those that stay. */
async function readPart(
  { disk, directory, tree, active, signal }: PlanRequest,
  part: Range,
): Promise<Kept[]> {
  const kept: Kept[] = [];
  let stored: readonly Hash[] = [];
  let start = part.from;
  let next = part.from;
  for await (const { seq, text } of readSegments(disk, join(directory, ENTRIES_DIRECTORY), part, active)) {
    if (seq >= start + stored.length) {
      signal?.throwIfAborted();
      start = seq;
      stored = await tree.read(0, start, Math.min(start + STRETCH, part.to));
    }
    if (seq !== next || nodeHasher.leaf(text) !== stored[seq - start]) throw modified(next);
    if (isKeptEntry(text)) kept.push({ seq, text });
    next++;
  }
  if (next !== part.to) throw modified(next);
  return kept;
}

function nothing(from: number): PrunePlan {
  return { from, to: from, segments: [], root: '', kept: commitToKept(nodeHasher, []) };
}

/** NaN where the line is none of ours: no hash stands there. */
function seqOf(text: string): number {
  try {
    return Number((JSON.parse(text) as { seq: unknown }).seq);
  } catch {
    return Number.NaN;
  }
}

function modified(seq: number): AuditError {
  return new AuditError(
    'LOG_TAMPERED',
    `entry-modified: entry ${seq} is not the one that was signed: run audit verify; nothing was pruned`,
  );
}

function wrongKept(where: string): AuditError {
  return new AuditError(
    'LOG_TAMPERED',
    `entry-missing: ${KEPT_FILE} of ${where} is not what earlier prunes kept: run audit verify, and restore it from the archive or a backup; nothing was pruned`,
  );
}
