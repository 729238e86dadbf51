// A request to prune, as its approvers sign it: a note of five lines (C2SP signed-note).
import { createHash } from 'node:crypto';
import { canonicalize, type JsonValue, parseVerifierKey, type Signer, type VerifierKey } from '@audit/core';
import { formatNote, openNote, parseNote, readTime, signNote } from '@audit/core/internal';
import { APPROVAL_AGE, DEFAULT_APPROVALS, type RetentionOptions } from './options.ts';

/** First line of a request: what the note is, and its version. */
const HEADING = 'audit-prune-request/v1';

/** What is asked for. */
export interface RetentionRequest {
  readonly origin: string;
  /** The first entry that stays. */
  readonly to: number;
  /** `policyDigest` of the retention that was in force. */
  readonly digest: string;
  /** When it was asked, RFC 3339 in UTC. */
  readonly time: string;
}

/** SHA-256 of what decides about pruning, as canonical JSON: who approves a request approves these rules. */
export function policyDigest(options: RetentionOptions): string {
  const { archive, archiveCompression, approvalDirectory, ...rules } = options;
  // JSON has no infinity; every other value is what JSON makes of it.
  const plain = JSON.parse(
    JSON.stringify(rules, (_, value) => (value === Number.POSITIVE_INFINITY ? 'forever' : value)),
  ) as JsonValue;
  return createHash('sha256').update(canonicalize(plain)).digest('hex');
}

/** The text that is signed. */
export function formatRequest({ origin, to, digest, time }: RetentionRequest): string {
  return `${[HEADING, origin, String(to), digest, time].join('\n')}\n`;
}

/** What a text asks for; null where it is no request. */
export function parseRequest(text: string): RetentionRequest | null {
  const [heading, origin, to, digest, time, end, ...more] = text.split('\n');
  const whole = heading === HEADING && end === '' && more.length === 0;
  if (!whole || !/^(0|[1-9]\d{0,15})$/.test(to ?? '') || !/^[0-9a-f]{64}$/.test(digest ?? '')) return null;
  if (readTime(time!) === null) return null;
  return { origin: origin!, to: Number(to), digest: digest!, time: time! };
}

/**
 * Signs a request: its text, or a note others have signed before.
 * @throws RangeError where it is none
 */
export async function approve(request: string, signer: Signer): Promise<string> {
  const signed = request.includes('\n\n') ? parseNote(request) : { text: request, signatures: [] };
  if (parseRequest(signed.text) === null)
    throw new RangeError('request must be what audit prune --request wrote');
  const own = parseNote(await signNote(signed.text, signer)).signatures;
  const others = signed.signatures.filter(
    ({ name, keyId }) => !own.some((line) => line.name === name && line.keyId === keyId),
  );
  return formatNote(signed.text, [...others, ...own]);
}

/** A request that enough approvers signed. */
export interface ApprovedRequest extends RetentionRequest {
  /** Verifier keys of those who did. */
  readonly approvedBy: readonly string[];
  /** The notes, as they were given. */
  readonly notes: readonly string[];
}

/**
 * The request that reaches furthest of those with enough distinct approvers, for this log and these rules, and not older
 * than `APPROVAL_AGE`; null where there is none. Signatures of one request may come in several notes.
 */
export function findApproved(
  notes: readonly string[],
  origin: string,
  options: RetentionOptions,
  now: number,
): ApprovedRequest | null {
  const { approvers = [], approvals = DEFAULT_APPROVALS } = options;
  const keys = approvers.map((vkey) => parseVerifierKey(vkey));
  const digest = policyDigest(options);
  const found = new Map<string, { by: Set<string>; notes: string[] }>();
  for (const note of notes) {
    const signed = signedBy(note, keys);
    if (signed === null) continue;
    const entry = found.get(signed.text) ?? { by: new Set(), notes: [] };
    found.set(signed.text, entry);
    for (const vkey of signed.by) entry.by.add(vkey);
    entry.notes.push(note);
  }
  let best: ApprovedRequest | null = null;
  for (const [text, { by, notes: given }] of found) {
    const request = parseRequest(text);
    if (request === null || by.size < approvals) continue;
    const age = now - (readTime(request.time) ?? 0);
    if (request.origin !== origin || request.digest !== digest || age > APPROVAL_AGE || age < -APPROVAL_AGE)
      continue;
    if (best === null || request.to > best.to) best = { ...request, approvedBy: [...by], notes: given };
  }
  return best;
}

/** Whose signatures stand under a note; null where one of them is wrong, or it is no note. */
function signedBy(note: string, keys: readonly VerifierKey[]): { text: string; by: string[] } | null {
  try {
    const opened = openNote(note, keys);
    if (opened.status !== 'verified') return null;
    return { text: opened.text, by: opened.verifiedBy.map(({ vkey }) => vkey) };
  } catch {
    return null;
  }
}
