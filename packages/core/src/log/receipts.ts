// Hands receipts to whoever waits for the events of a batch.
import type { IdIndex } from './id-index.ts';
import { entryIndex, type PendingBatch } from './pending-batch.ts';
import type { Receipt } from './types.ts';

/** Everybody waits no longer. `checkpoint` is null where the batch is durable but not signed (`allowUnsigned`). */
export function acknowledge(batch: PendingBatch, index: IdIndex, checkpoint: string | null): void {
  const sequenced = batch.sequenced!;
  for (let i = 0; i < batch.events.length; i++) {
    const { id } = batch.events[i]!;
    const waiter = batch.waiters[i];
    const joined = index.takeJoined(id);
    if (waiter == null && joined === null) continue;
    batch.waiters[i] = null;
    const at = entryIndex(sequenced, i);
    const receipt: Receipt = {
      seq: sequenced.start + at,
      id,
      hash: sequenced.batch.leaves[at]!,
      checkpoint,
      ...(checkpoint === null ? { unsigned: true } : {}),
    };
    waiter?.resolve(receipt);
    for (const other of joined ?? []) other?.resolve(receipt);
  }
}
