// What the file store knows of a log that is open: the committed state and everything opening hands over.

import type { Hash } from '../../merkle/hasher.ts';
import type { Signer } from '../../note/signer.ts';
import type { StoreOpening } from '../store.ts';
import type { CommitFile } from './commit-file.ts';
import type { Disk } from './disk.ts';
import type { Release } from './lock.ts';
import type { Marks } from './marks.ts';
import type { NotesFile } from './notes-file.ts';
import type { Segment } from './segment.ts';
import type { TreeFiles } from './tree-files.ts';

/** What stands committed. Replaced whole, by one owner, after a slot was synced. */
export interface Committed {
  readonly size: number;
  readonly lastLeaf: Hash;
  readonly lastEntry: string | null;
  readonly note: string | null;
  readonly segment: Segment;
  /** Bytes of `segment` that are committed. */
  readonly offset: number;
}

/** A log's files, opened and checked. */
export interface OpenedFiles {
  readonly disk: Disk;
  readonly directory: string;
  readonly origin: string;
  readonly signer: Signer;
  readonly committed: Committed;
  readonly commit: CommitFile;
  /** First entries of the segments the two slots name, the newest last; 0 where one names none. */
  readonly named: readonly [number, number];
  readonly tree: TreeFiles;
  readonly notes: NotesFile;
  readonly marks: Marks;
  readonly opening: StoreOpening;
  readonly warnings: readonly string[];
  readonly release: Release;
}
