// Entries that outlive their segment: the log's own history, and what commits to all of it. Runs anywhere.
import type { Hash, Hasher } from '../merkle/hasher.ts';

/** formats.md, *Retention*: what of a pruned segment stays, in `kept.jsonl`. */
const KEPT_TYPES: ReadonlySet<string> = new Set([
  'log.create',
  'log.recover',
  'log.prune',
  'log.restore',
  'log.key.rotate',
  'log.clock',
  'log.gap',
]);

/** `type` and `v` sort last in an entry's text, and no own type holds a character that JSON escapes. */
const OWN_TYPE = /"type":"(log\.[a-z.]+)","v":1\}$/;
/** Longer than the longest of these endings. */
const ENDING = 64;

/** True where an entry, as its canonical text, is one of those that stay. */
export function isKeptEntry(text: string): boolean {
  const type = OWN_TYPE.exec(text.slice(-ENDING))?.[1];
  return type !== undefined && KEPT_TYPES.has(type);
}

/** What `log.prune` says of the kept lines that stand before its `to`. */
export interface KeptCommitment {
  readonly count: number;
  /** SHA-256 of the lines in order of seq, each with its newline: of `kept.jsonl` once the prune is done. */
  readonly sha256: Hash;
}

/** @param lines texts of kept entries, in order of seq */
export function commitToKept(hasher: Hasher, lines: readonly string[]): KeptCommitment {
  return { count: lines.length, sha256: hasher.digest(lines.map((line) => `${line}\n`).join('')) };
}
