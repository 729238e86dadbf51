// Retention carried out on an open log: archive, decide, see that it is approved, prune. For a scheduler or a command.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type ArchiveReport,
  type AuditLog,
  archiveLog,
  type JsonObject,
  type PruneReport,
} from '@audit/core';
import { formatTime } from '@audit/core/internal';
import { decide, type SegmentFate } from './decide.ts';
import { checkRetention, DEFAULT_KEEP, type RetentionOptions } from './options.ts';
import { type ApprovedRequest, findApproved, formatRequest, policyDigest } from './request.ts';
import { forgetBefore, summarize } from './summary.ts';

export interface RetentionRun {
  /** Say what would go, archive nothing and change nothing. Default false. */
  readonly dryRun?: boolean;
  /** Signed requests, besides those in `approvalDirectory`. */
  readonly approvals?: readonly string[];
}

/** What retention needs of a log; an open one has it all. */
export type RetainedLog = Pick<AuditLog, 'origin' | 'info' | 'segments' | 'entries' | 'prune'>;

/** What became of the segments, and why. */
export interface RetentionResult {
  readonly dryRun: boolean;
  /** What was archived by this run; null where nothing is to be, or it failed. */
  readonly archived: ArchiveReport | null;
  /** Why archiving failed. Where the archive is required nothing went then. */
  readonly archiveError: Error | null;
  /** Every segment there was, oldest first: whether it goes, and the reason. */
  readonly segments: readonly SegmentFate[];
  /** What went, or would; null where nothing does. */
  readonly pruned: PruneReport | null;
  /** What is to be signed before anything goes: the text for `approve`. Null where nothing is waiting for that. */
  readonly request: string | null;
}

/**
 * Applies retention once. Rejects where pruning does (`AuditLog.prune`) or segments cannot be read; an archive that fails
 * is part of the result.
 *
 * @param now milliseconds since the epoch
 * @throws RangeError options that contradict each other
 * @throws AuditError `NOT_SUPPORTED` for a log without segments
 */
export async function applyRetention(
  log: RetainedLog,
  options: RetentionOptions,
  now: number = Date.now(),
  run: RetentionRun = {},
): Promise<RetentionResult> {
  checkRetention(options);
  const { dryRun = false } = run;
  const { archived, archiveError } = dryRun ? NOTHING_ARCHIVED : await archive(log, options);
  const fates = await decide(await log.segments(), options, now, (segment) => summarize(log, segment));
  const allowed = endOf(fates);
  const result = { dryRun, archived, archiveError, segments: fates };
  const to = options.requireArchive && !dryRun ? Math.min(allowed, archived?.size ?? 0) : allowed;
  if (to === 0 || !fates.some(({ first, entries, goes }) => goes && first + entries <= to)) {
    return { ...result, pruned: null, request: null };
  }
  const needed = (options.approvers ?? []).length > 0;
  const approved = needed ? await approvedRequest(log, options, now, run.approvals ?? []) : null;
  // An approval is for what was asked: it reaches no further, whatever has expired since.
  const until = needed ? Math.min(to, approved?.to ?? 0) : to;
  if (needed && !fates.some(({ first, entries }) => first + entries <= until)) {
    const request = formatRequest({
      ...{ origin: log.origin, to, digest: policyDigest(options), time: formatTime(now) },
    });
    const pruned = dryRun ? await log.prune({ to, policy: {}, dryRun }) : null;
    return { ...result, pruned, request };
  }
  const policy = why(options, fates, until, archived, approved);
  const pruned = await log.prune({ to: until, policy, dryRun });
  if (!dryRun) forgetBefore(log, pruned.to);
  return { ...result, pruned: pruned.entries === 0 ? null : pruned, request: null };
}

const NOTHING_ARCHIVED = { archived: null, archiveError: null };

async function archive(
  log: RetainedLog,
  options: RetentionOptions,
): Promise<Pick<RetentionResult, 'archived' | 'archiveError'>> {
  if (options.archive === undefined) return NOTHING_ARCHIVED;
  const { location: directory, vkey } = log.info();
  try {
    const archived = await archiveLog({
      ...{ directory, archive: options.archive, compression: options.archiveCompression },
      keys: [vkey],
    });
    return { archived, archiveError: null };
  } catch (error) {
    return { archived: null, archiveError: error instanceof Error ? error : new Error(String(error)) };
  }
}

/** The first entry of the first segment that stays. */
function endOf(fates: readonly SegmentFate[]): number {
  const last = fates.filter(({ goes }) => goes).at(-1);
  return last === undefined ? 0 : last.first + last.entries;
}

async function approvedRequest(
  log: RetainedLog,
  options: RetentionOptions,
  now: number,
  given: readonly string[],
): Promise<ApprovedRequest | null> {
  const dropped = options.approvalDirectory === undefined ? [] : await readNotes(options.approvalDirectory);
  return findApproved([...given, ...dropped], log.origin, options, now);
}

/** A folder that is not there yet holds no note. */
async function readNotes(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const wanted = names.filter((name) => name.endsWith('.note')).sort();
  return Promise.all(wanted.map((name) => readFile(join(folder, name), 'utf8')));
}

/** What `log.prune` says of the reasons: rules in force, what they said, where it was archived, who agreed. */
function why(
  options: RetentionOptions,
  fates: readonly SegmentFate[],
  until: number,
  archived: ArchiveReport | null,
  approved: ApprovedRequest | null,
): JsonObject {
  const reasons: Record<string, number> = {};
  for (const { reason, first, entries } of fates) {
    if (first + entries <= until) reasons[reason] = (reasons[reason] ?? 0) + 1;
  }
  const { keep = DEFAULT_KEEP } = options;
  return {
    digest: policyDigest(options),
    keep: Number.isFinite(keep) ? keep : 'forever',
    reasons,
    ...(archived !== null && { archived: archived.size }),
    ...(approved !== null && { approvedBy: [...approved.approvedBy], approvals: [...approved.notes] }),
  };
}
