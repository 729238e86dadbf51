// Sealing: a segment no slot names any more becomes `.jsonl.gz`, verified byte for byte before the plain file goes.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Disk } from './disk.ts';
import { removeFile, TEMPORARY_SUFFIX } from './durable.ts';
import { compressSegment, readMembers } from './gzip-members.ts';
import { SEALED_SUFFIX, segmentFirst } from './layout.ts';
import { FILE_MODE } from './node-disk.ts';
import { listSegments, readChunks } from './read.ts';

/** Compresses in the background what both slots have left behind; one segment at a time. */
export class Compressor {
  readonly #disk: Disk;
  readonly #folder: string;
  /** Segments that begin before this may go: no slot names one of them. */
  #limit: number;
  /** First entry of the segment the newest slot names. */
  #lastFirst: number;
  #running: Promise<void> = Promise.resolve();
  #stopping = false;
  /** What an earlier opening left is sealed with the first commit of this one. */
  #begun = false;
  /** Why sealing is behind, in words for `health()`. */
  problem: string | undefined;

  /** @param named first entries of the segments the slots name, the newest last; 0 where one names none */
  constructor(disk: Disk, folder: string, named: readonly [number, number]) {
    this.#disk = disk;
    this.#folder = folder;
    this.#limit = Math.min(...named);
    this.#lastFirst = named[1];
  }

  /** Segments that begin before this are named by no slot any more. */
  get sealedBefore(): number {
    return this.#limit;
  }

  /** Runs `task` while nothing is being sealed: for whoever removes segments. */
  exclusively<T>(task: () => Promise<T>): Promise<T> {
    const done = this.#running.then(task);
    this.#running = done.then(
      () => {},
      () => {},
    );
    return done;
  }

  /** Called after each commit with the first entry of the segment its slot names. */
  committed(first: number): void {
    const limit = this.#lastFirst;
    this.#lastFirst = first;
    if (this.#limit >= limit && this.#begun) return;
    if (this.#stopping) return;
    this.#begun = true;
    this.#limit = limit;
    this.#running = this.#running.then(() => this.#sealBefore(limit));
  }

  /** Lets the segment at hand end early; what is not done is done after the next open. */
  stop(): Promise<void> {
    this.#stopping = true;
    return this.#running;
  }

  async #sealBefore(limit: number): Promise<void> {
    try {
      for (const { name, first } of await listSegments(this.#disk, this.#folder)) {
        if (this.#stopping || first >= limit) return;
        if (!name.endsWith(SEALED_SUFFIX)) await this.#seal(name, first);
      }
      this.problem = undefined;
    } catch (error) {
      this.problem = `a finished segment could not be compressed (${(error as Error).message}): it stays as it is, readable and safe`;
    }
  }

  /**
   * `.gz.tmp` written and synced · read back and compared · renamed to `.gz` · folder synced · plain file removed ·
   * folder synced. A crash leaves a temporary file, or both forms; opening removes the one, compares the other.
   */
  async #seal(name: string, first: number): Promise<void> {
    const path = join(this.#folder, name);
    const temporary = path + SEALED_SUFFIX + TEMPORARY_SUFFIX;
    const plain = await this.#disk.open(path);
    if (plain === null) return;
    try {
      await removeFile(this.#disk, temporary);
      const sealed = await this.#disk.create(temporary, FILE_MODE);
      try {
        let position = 0;
        for await (const member of compressSegment(readChunks(plain), first)) {
          if (this.#stopping) return await removeFile(this.#disk, temporary);
          await sealed.write(member, position);
          position += member.length;
        }
        await sealed.sync();
      } finally {
        await sealed.close();
      }
    } finally {
      await plain.close();
    }
    if (!(await sameEntries(this.#disk, path, temporary, first))) {
      throw new Error(`${name}: what was written does not read back the same`);
    }
    await this.#disk.rename(temporary, path + SEALED_SUFFIX);
    await this.#disk.syncDirectory(this.#folder);
    await this.#disk.unlink(path);
    await this.#disk.syncDirectory(this.#folder);
  }
}

/** Removes leftovers of sealing: temporary files, and the second form of a segment that is there in both. */
export async function finishSealing(disk: Disk, folder: string): Promise<void> {
  const names = (await disk.list(folder)) ?? [];
  let changed = false;
  for (const name of names) {
    const both = name.endsWith(SEALED_SUFFIX) && names.includes(name.slice(0, -SEALED_SUFFIX.length));
    if (both) {
      const plain = name.slice(0, -SEALED_SUFFIX.length);
      const same = await sameEntries(disk, join(folder, plain), join(folder, name), segmentFirst(name) ?? 0);
      await disk.unlink(join(folder, same ? plain : name));
    } else if (name.endsWith(TEMPORARY_SUFFIX)) {
      await disk.unlink(join(folder, name));
    } else {
      continue;
    }
    changed = true;
  }
  if (changed) await disk.syncDirectory(folder);
}

/** True where the sealed form holds exactly the bytes of the plain one. */
async function sameEntries(disk: Disk, plain: string, sealed: string, first: number): Promise<boolean> {
  const [plainFile, sealedFile] = [await disk.open(plain), await disk.open(sealed)];
  try {
    if (plainFile === null || sealedFile === null) return false;
    const [wanted, got] = [createHash('sha256'), createHash('sha256')];
    for await (const chunk of readChunks(plainFile)) wanted.update(chunk);
    for await (const data of readMembers(sealedFile, first)) {
      if ('damaged' in data) return false;
      got.update(data);
    }
    return wanted.digest('hex') === got.digest('hex');
  } finally {
    await plainFile?.close();
    await sealedFile?.close();
  }
}
