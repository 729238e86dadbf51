// A plain sequencer over any store: what the commit loop does, without its queue. For tests of stores alone.

import { CompactRange } from '../../src/merkle/compact-range.ts';
import { nodeHasher } from '../../src/merkle/node-hasher.ts';
import { hashToBase64 } from '../../src/note/base64.ts';
import { signCheckpoint } from '../../src/note/sign.ts';
import type { Signer } from '../../src/note/signer.ts';
import type { AuditStore, Batch, Seal } from '../../src/store/store.ts';

export interface EntryFields {
  readonly type?: string;
  readonly operation?: string;
  readonly time?: number;
  readonly data?: string;
}

/** Canonical JSON of an entry; `data` is canonical JSON itself. */
export function entryText(seq: number, prev: string, fields: EntryFields = {}): string {
  const { type = 'test.event', operation = 'write', data, time = Date.UTC(2026, 0, 1) + seq } = fields;
  const category = type.startsWith('log.') ? 'audit' : 'system_health';
  return (
    `{"category":"${category}",${data === undefined ? '' : `"data":${data},`}"id":"id-${seq}","level":"info","operation":"${operation}",` +
    `"outcome":"success","prev":"${prev}","resource":{"id":"r","type":"t"},"seq":${seq},` +
    `"time":"${new Date(time).toISOString()}","type":"${type}","v":1}`
  );
}

export class TestWriter {
  readonly #store: AuditStore;
  readonly #signer: Signer;
  #range: CompactRange;
  #prev: string;
  /** Root published for each size, base64. */
  readonly published = new Map<number, string>();

  private constructor(store: AuditStore, signer: Signer, range: CompactRange, prev: string) {
    this.#store = store;
    this.#signer = signer;
    this.#range = range;
    this.#prev = prev;
  }

  static async over(store: AuditStore, signer: Signer): Promise<TestWriter> {
    const head = await store.head();
    return new TestWriter(
      store,
      signer,
      CompactRange.from(nodeHasher, head.size, head.frontier),
      head.lastLeaf,
    );
  }

  get size(): number {
    return this.#range.size;
  }

  readonly seal: Seal = (size, root) =>
    signCheckpoint({ origin: this.#signer.key.name, size, root }, this.#signer);

  /** Sequences a batch of entries; the writer then stands behind it. */
  batch(entries: readonly EntryFields[], options: Pick<Batch, 'startsSegment' | 'keepNote'> = {}): Batch {
    const texts: string[] = [];
    const leaves: string[] = [];
    const nodes: string[][] = [];
    for (const fields of entries) {
      const text = entryText(this.#range.size, this.#prev, fields);
      this.#prev = nodeHasher.leaf(text);
      texts.push(text);
      leaves.push(this.#prev);
      this.#range.append(this.#prev, (level, hash) => {
        while (nodes.length < level) nodes.push([]);
        nodes[level - 1]!.push(hash);
      });
    }
    return { entries: texts, leaves, nodes, root: this.#range.root(), ...options };
  }

  /** Appends a batch and remembers the root its note publishes. */
  async append(
    entries: readonly EntryFields[],
    options: Pick<Batch, 'startsSegment' | 'keepNote'> = {},
  ): Promise<string> {
    const expected = this.size;
    const batch = this.batch(entries, options);
    const size = this.size;
    const note = await this.#store.append(expected, batch, this.seal);
    this.published.set(size, hashToBase64(batch.root));
    return note;
  }
}
