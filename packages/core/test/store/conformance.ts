// One suite for every store: what the commit loop relies on.
import { afterEach, describe, expect, test } from 'vitest';
import { CompactRange } from '../../src/merkle/compact-range.ts';
import { EMPTY_ROOT, type Hash, ZERO_HASH } from '../../src/merkle/hasher.ts';
import { nodeHasher } from '../../src/merkle/node-hasher.ts';
import { parseCheckpoint } from '../../src/note/checkpoint.ts';
import { parseNote } from '../../src/note/note.ts';
import { signCheckpoint } from '../../src/note/sign.ts';
import type { AuditStore, Batch, Seal } from '../../src/store/store.ts';
import { testSigner } from '../../src/testing/test-signer.ts';

/** Name of the logs the factory opens; sealed with `testSigner`. */
export const CONFORMANCE_ORIGIN = 'conformance.example/audit';

/** One empty store, and ways to reach it again. */
export interface StoreUnderTest {
  readonly store: AuditStore;
  /** Opens what was closed once more. Absent: the store cannot be. */
  reopen?(): Promise<AuditStore>;
  /** Removes what is left behind. */
  dispose?(): Promise<void>;
}

const signer = testSigner(CONFORMANCE_ORIGIN);

/** Signs, as the log does. */
export const seal: Seal = (size, root) => signCheckpoint({ origin: CONFORMANCE_ORIGIN, size, root }, signer);

/** Makes batches that follow each other, like the sequencer does. */
export class BatchMaker {
  readonly entries: string[] = [];
  readonly leaves: Hash[] = [];
  readonly #range: CompactRange;

  constructor(size = 0, frontier: readonly Hash[] = [], lastLeaf: Hash = ZERO_HASH) {
    this.#range = CompactRange.from(nodeHasher, size, frontier);
    this.#last = lastLeaf;
  }

  #last: Hash;

  get root(): Hash {
    return this.#range.size === 0 ? EMPTY_ROOT : this.#range.root();
  }

  next(count: number, salt = ''): Batch {
    const entries: string[] = [];
    const leaves: Hash[] = [];
    const nodes: Hash[][] = [];
    for (let i = 0; i < count; i++) {
      const entry = entryText(this.#range.size, this.#last, salt);
      this.#last = nodeHasher.leaf(entry);
      entries.push(entry);
      leaves.push(this.#last);
      this.#range.append(this.#last, (level, hash) => {
        nodes[level - 1] ??= [];
        nodes[level - 1]!.push(hash);
      });
    }
    this.entries.push(...entries);
    this.leaves.push(...leaves);
    return { entries, leaves, nodes, root: this.#range.root() };
  }
}

/** A valid entry, canonical to the byte. */
function entryText(seq: number, prev: Hash, salt: string): string {
  const id = `00000000-0000-7000-8000-${String(seq).padStart(12, '0')}`;
  return (
    `{"category":"system_health","data":{"salt":"${salt}ü"},"id":"${id}","level":"info","operation":"op","outcome":"success",` +
    `"prev":"${prev}","resource":{"id":"r","type":"t"},"seq":${seq},"time":"2026-01-01T00:00:00.000Z","type":"system.start","v":1}`
  );
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

function sizeOf(note: string): number {
  return parseCheckpoint(parseNote(note).text).size;
}

/** Runs the suite over stores that `factory` makes, each new and empty. */
export function storeConformance(name: string, factory: () => Promise<StoreUnderTest>): void {
  describe(`${name} keeps the contract of a store`, () => {
    const made: StoreUnderTest[] = [];

    async function open(): Promise<StoreUnderTest> {
      const under = await factory();
      made.push(under);
      return under;
    }

    afterEach(async () => {
      for (const { store, dispose } of made.splice(0)) {
        await store.close();
        await dispose?.();
      }
    });

    test('a batch of nothing is a mistake, and leaves nothing behind', async () => {
      const { store } = await open();
      const nothing: Batch = { entries: [], leaves: [], nodes: [], root: EMPTY_ROOT };
      await expect(store.append(0, nothing, seal)).rejects.toThrow(RangeError);
      await store.append(0, new BatchMaker().next(1), seal);
      expect((await store.head()).size).toBe(1);
    });

    test('an empty store has no entries, no note and no frontier', async () => {
      const { store } = await open();
      expect(await store.head()).toEqual({
        size: 0,
        frontier: [],
        lastLeaf: ZERO_HASH,
        lastEntry: null,
        note: null,
      });
      expect(await collect(store.entries(0, 10))).toEqual([]);
      expect(await store.hashes(0, 0, 10)).toEqual([]);
      expect(await collect(store.notes())).toEqual([]);
    });

    test('an append resolves with the note its seal returned, which head() then shows', async () => {
      const { store } = await open();
      const maker = new BatchMaker();
      const batch = maker.next(3);
      const note = await store.append(0, batch, seal);
      expect(sizeOf(note)).toBe(3);
      const head = await store.head();
      expect(head).toMatchObject({ size: 3, note, lastLeaf: batch.leaves[2], lastEntry: batch.entries[2] });
      expect(CompactRange.from(nodeHasher, 3, head.frontier).root()).toBe(batch.root);
    });

    test('seal is called once, with the size and root the batch leads to', async () => {
      const { store } = await open();
      const maker = new BatchMaker();
      const calls: [number, Hash][] = [];
      const batch = maker.next(2);
      await store.append(0, batch, (size, root) => {
        calls.push([size, root]);
        return seal(size, root);
      });
      expect(calls).toEqual([[2, batch.root]]);
    });

    test('entries come back in order, byte for byte, for any range', async () => {
      const { store } = await open();
      const maker = new BatchMaker();
      for (let i = 0, size = 0; i < 5; size += i + 1, i++) await store.append(size, maker.next(i + 1), seal);
      const all = maker.entries.map((text, seq) => ({ seq, text }));
      expect(await collect(store.entries(0, 15))).toEqual(all);
      expect(await collect(store.entries(4, 9))).toEqual(all.slice(4, 9));
      expect(await collect(store.entries(14, 99))).toEqual(all.slice(14));
      expect(await collect(store.entries(7, 7))).toEqual([]);
      expect(await collect(store.entries(15, 20))).toEqual([]);
    });

    test('reading entries can stop halfway', async () => {
      const { store } = await open();
      await store.append(0, new BatchMaker().next(20), seal);
      for await (const { seq } of store.entries(0, 20)) {
        if (seq === 3) break;
      }
      expect(await collect(store.entries(18, 20))).toHaveLength(2);
    });

    test('hashes come back for any range of any tile level', async () => {
      const { store } = await open();
      const maker = new BatchMaker();
      let size = 0;
      for (const count of [200, 57, 300, 3]) {
        await store.append(size, maker.next(count), seal);
        size += count;
      }
      expect(await store.hashes(0, 0, size)).toEqual(maker.leaves);
      expect(await store.hashes(0, 250, 260)).toEqual(maker.leaves.slice(250, 260));
      const tiles = [0, 256].map((from) => {
        const range = CompactRange.empty(nodeHasher);
        for (const leaf of maker.leaves.slice(from, from + 256)) range.append(leaf);
        return range.root();
      });
      expect(await store.hashes(1, 0, 2)).toEqual(tiles);
      expect(await store.hashes(1, 1, 9)).toEqual(tiles.slice(1));
      expect(await store.hashes(2, 0, 1)).toEqual([]);
      const { frontier } = await store.head();
      expect(CompactRange.from(nodeHasher, size, frontier).root()).toBe(maker.root);
    });

    test('notes end in the newest', async () => {
      const { store } = await open();
      const maker = new BatchMaker();
      await store.append(0, maker.next(1), seal);
      const note = await store.append(1, maker.next(1), seal);
      const notes = await collect(store.notes());
      expect(notes.at(-1)).toBe(note);
      expect(notes.map(sizeOf)).toEqual([...notes.map(sizeOf)].sort((a, b) => a - b));
    });

    test('a batch that says so has its note kept', async () => {
      const { store } = await open();
      const maker = new BatchMaker();
      const kept = await store.append(0, { ...maker.next(2), keepNote: true }, seal);
      await store.append(2, maker.next(1), seal);
      await store.append(3, maker.next(1), seal);
      expect(await collect(store.notes())).toContain(kept);
    });

    test('an append for another size than the log has is a conflict and leaves nothing', async () => {
      const { store } = await open();
      const maker = new BatchMaker();
      await store.append(0, maker.next(2), seal);
      const before = await store.head();
      for (const wrong of [0, 1, 3]) {
        await expect(store.append(wrong, new BatchMaker().next(2, 'rival'), seal)).rejects.toMatchObject({
          name: 'StoreConflictError',
          code: 'STORE_CONFLICT',
        });
      }
      expect(await store.head()).toEqual(before);
      await store.append(2, maker.next(1), seal);
      expect(await collect(store.entries(0, 3))).toHaveLength(3);
    });

    test('appends may be called before those ahead have resolved, and resolve in order', async () => {
      const { store } = await open();
      const maker = new BatchMaker();
      const order: number[] = [];
      const appends = [0, 2, 4, 6].map((size) =>
        store.append(size, maker.next(2), seal).then((note) => order.push(sizeOf(note))),
      );
      await Promise.all(appends);
      expect(order).toEqual([2, 4, 6, 8]);
      expect((await collect(store.entries(0, 8))).map(({ text }) => text)).toEqual(maker.entries);
    });

    test('a batch whose seal is refused leaves nothing, and the log goes on from its head', async () => {
      const { store } = await open();
      const maker = new BatchMaker();
      await store.append(0, maker.next(2), seal);
      const before = await store.head();
      const refused = store.append(
        2,
        new BatchMaker(2, before.frontier, before.lastLeaf).next(2, 'lost'),
        async () => {
          throw new Error('the signer refuses');
        },
      );
      await expect(refused).rejects.toThrow();
      expect(await store.head()).toEqual(before);
      expect(await collect(store.entries(0, 10))).toHaveLength(2);
      await store.append(2, maker.next(3), seal);
      expect((await collect(store.entries(0, 10))).map(({ text }) => text)).toEqual(maker.entries);
    });

    test('a failure fails all appends after it', async () => {
      const { store } = await open();
      const maker = new BatchMaker();
      const first = store.append(0, maker.next(2), async () => {
        throw new Error('the signer refuses');
      });
      const others = [2, 4].map((size) => store.append(size, maker.next(2), seal));
      const results = await Promise.allSettled([first, ...others]);
      expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
      expect((await store.head()).size).toBe(0);
      await store.append(0, new BatchMaker().next(1), seal);
      expect((await store.head()).size).toBe(1);
    });

    test('entries are not there before they are signed', async () => {
      const { store } = await open();
      let sign = () => {};
      const signed = new Promise<void>((resolve) => {
        sign = resolve;
      });
      let asked = () => {};
      const sealing = new Promise<void>((resolve) => {
        asked = resolve;
      });
      const append = store.append(0, new BatchMaker().next(2), async (size, root) => {
        asked();
        await signed;
        return seal(size, root);
      });
      await sealing;
      expect(await collect(store.entries(0, 2))).toEqual([]);
      expect(await store.hashes(0, 0, 2)).toEqual([]);
      sign();
      await append;
      expect(await collect(store.entries(0, 2))).toHaveLength(2);
    });

    test('closing waits for appends on their way, and can be done twice', async () => {
      const { store } = await open();
      const append = store.append(0, new BatchMaker().next(2), seal);
      await Promise.all([store.close(), store.close()]);
      expect(sizeOf(await append)).toBe(2);
      await store.close();
      await expect(store.append(2, new BatchMaker().next(1), seal)).rejects.toThrow();
    });

    test('a store opened again stands where it was closed', async (context) => {
      const { store, reopen } = await open();
      if (reopen === undefined) return context.skip();
      const maker = new BatchMaker();
      await store.append(0, maker.next(300), seal);
      await store.append(300, maker.next(5), seal);
      const before = await store.head();
      await store.close();
      const again = await reopen();
      made.push({ store: again });
      expect(await again.head()).toEqual(before);
      expect((await collect(again.entries(0, 305))).map(({ text }) => text)).toEqual(maker.entries);
      await again.append(305, maker.next(2), seal);
      expect((await again.head()).size).toBe(307);
    });
  });
}
