// Findings collected, ordered and bounded, and the verdict they force.
import { MAX_FINDINGS } from './options.ts';
import { FINDING_VERDICTS, type Finding, type FindingCode, type Verdict } from './report.ts';

const WEIGHT: Readonly<Record<Verdict, number>> = { tampered: 0, unverifiable: 1, intact: 2 };

export class Findings {
  readonly #all: Finding[] = [];
  /** Findings by what they say and where: the same thing seen twice is told once. */
  readonly #seen = new Set<string>();
  /** Each code has its own room, so that none crowds out another. */
  readonly #counts = new Map<FindingCode, number>();
  #dropped = 0;
  #firstBad: number | null = null;

  add(
    code: FindingCode,
    seq: Finding['seq'],
    message: string,
    rest: Pick<Finding, 'id' | 'verdict'> = {},
  ): void {
    const finding: Finding = { code, seq, message, ...rest };
    const start = startOf(finding);
    if (verdictOf(finding) === 'tampered' && start >= 0)
      this.#firstBad = Math.min(start, this.#firstBad ?? start);
    const count = this.#counts.get(code) ?? 0;
    const key = JSON.stringify(seq === null ? [code, message] : [code, seq]);
    if (count < MAX_FINDINGS && this.#seen.has(key)) return;
    this.#counts.set(code, count + 1);
    if (count >= MAX_FINDINGS) {
      this.#dropped++;
      return;
    }
    this.#seen.add(key);
    this.#all.push(finding);
  }

  /** Findings that force this verdict, so far. */
  count(verdict: Verdict): number {
    return this.#all.filter((finding) => verdictOf(finding) === verdict).length;
  }

  get verdict(): Verdict {
    return this.#all.reduce<Verdict>(
      (worst, finding) => (WEIGHT[verdictOf(finding)] < WEIGHT[worst] ? verdictOf(finding) : worst),
      'intact',
    );
  }

  /** The first entry that is held against the log. */
  get firstBadSeq(): number | null {
    return this.#firstBad;
  }

  /** Worst first, then by place; at most `MAX_FINDINGS`, the last of them a count of the rest. */
  list(): Finding[] {
    const sorted = [...this.#all].sort(
      (a, b) => WEIGHT[verdictOf(a)] - WEIGHT[verdictOf(b)] || startOf(a) - startOf(b),
    );
    const left = sorted.length - MAX_FINDINGS + this.#dropped;
    if (left <= 0) return sorted;
    const listed = sorted.slice(0, MAX_FINDINGS - 1);
    const { code, seq } = sorted[MAX_FINDINGS - 1]!;
    return [...listed, { code, seq, message: `And ${left + 1} findings more, the first of them here.` }];
  }
}

export function verdictOf(finding: Finding): Verdict {
  return finding.verdict ?? FINDING_VERDICTS[finding.code];
}

function startOf({ seq }: Finding): number {
  if (seq === null) return -1;
  return typeof seq === 'number' ? seq : seq.from;
}
