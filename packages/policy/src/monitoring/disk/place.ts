// One directory whose disk is watched: its space as last measured, and the action it calls for.
import { actionFor, bytesOf, type DiskAction, type DiskLadder } from './ladder.ts';
import { type DiskSpace, diskSpace, sizeInWords } from './space.ts';

/** The action of a place has changed. */
export interface DiskChange extends DiskSpace {
  readonly place: string;
  readonly directory: string;
  /** Null: there is room again. */
  readonly action: DiskAction | null;
  readonly before: DiskAction | null;
  /** Free bytes below which the action begins; of one that has ended, below which it began. */
  readonly limit: number;
  /** In a few words, for `log.divert` and for people. */
  readonly reason: string;
}

export class WatchedPlace {
  readonly name: string;
  readonly directory: string;
  readonly #ladder: DiskLadder;
  #space: DiskSpace | null = null;
  #action: DiskAction | null = null;
  #problem: Error | null = null;

  constructor(name: string, directory: string, ladder: DiskLadder) {
    this.name = name;
    this.directory = directory;
    this.#ladder = ladder;
  }

  /** As last measured; null where it never could be. */
  get space(): DiskSpace | null {
    return this.#space;
  }

  get action(): DiskAction | null {
    return this.#action;
  }

  /** Why it could not be measured last. */
  get problem(): Error | null {
    return this.#problem;
  }

  /** Looks again. An action stays in force where the space cannot be told. */
  async measure(): Promise<DiskChange | null> {
    let space: DiskSpace;
    try {
      space = await diskSpace(this.directory);
      this.#problem = null;
    } catch (error) {
      this.#problem = error as Error;
      return null;
    }
    this.#space = space;
    const before = this.#action;
    const action = actionFor(space, this.#ladder, before);
    if (action === before) return null;
    this.#action = action;
    const limit = bytesOf(this.#ladder[(action ?? before)!]!, space);
    const { name: place, directory } = this;
    return { ...space, place, directory, action, before, limit, reason: this.inWords() };
  }

  /** `the disk of the log has 1.2 MiB free, 3 % of it` */
  inWords(): string {
    const { free, size } = this.#space!;
    const share = Number(((100 * free) / Math.max(size, 1)).toFixed(1));
    return `the disk of the ${this.name} has ${sizeInWords(free)} free, ${share} % of it`;
  }
}
