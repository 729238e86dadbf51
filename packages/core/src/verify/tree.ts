// Leaf hashes into roots: the tree folded once, its root taken at every size a note was signed at.
import { CompactRange } from '../merkle/compact-range.ts';
import { EMPTY_ROOT, type Hash, type Hasher } from '../merkle/hasher.ts';
import { HASH_DIGITS, hashAt } from './hex.ts';

export class TreeFold {
  /** Roots by size, for the sizes asked for that were reached. */
  readonly roots = new Map<number, Hash>();
  /** Hashes completed above the leaves: `levels[L − 1]` are those of tile level L. */
  readonly levels: Hash[][] = [];
  readonly #range: CompactRange;
  readonly #sizes: readonly number[];
  #next = 0;
  #known = true;

  constructor(hasher: Hasher, sizes: Iterable<number>) {
    this.#range = CompactRange.empty(hasher);
    this.#sizes = [...new Set(sizes)].sort((a, b) => a - b);
    if (this.#sizes[0] === 0) {
      this.roots.set(0, EMPTY_ROOT);
      this.#next = 1;
    }
  }

  /** Appends a run of leaf hashes. */
  append(run: string): void {
    if (!this.#known) return;
    const count = run.length / HASH_DIGITS;
    for (let i = 0; i < count; i++) {
      this.#range.append(hashAt(run, i), this.#completed);
      if (this.#range.size === this.#sizes[this.#next]) {
        this.roots.set(this.#range.size, this.#range.root());
        this.#next++;
      }
    }
  }

  /** Leaves follow that nobody knows: no root past here can be told. */
  stop(): void {
    this.#known = false;
  }

  readonly #completed = (level: number, hash: Hash): void => {
    this.levels[level - 1] ??= [];
    this.levels[level - 1]!.push(hash);
  };
}
