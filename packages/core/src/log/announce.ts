// Tells whoever listens of a batch that is durable and signed.
import type { Entry } from '../event/model.ts';
import type { CommittedHead } from './commit-loop.ts';
import type { PendingBatch } from './pending-batch.ts';
import type { Subscribers } from './subscribers.ts';

/** Entries are parsed only where somebody listens for them. */
export function announce(batch: PendingBatch, { size, note }: CommittedHead, subscribers: Subscribers): void {
  if (subscribers.has('checkpoint')) subscribers.tell('checkpoint', { size, note });
  if (!subscribers.has('entry')) return;
  const { start, batch: content } = batch.sequenced!;
  for (let i = 0; i < content.entries.length; i++) {
    const entry = JSON.parse(content.entries[i]!) as Entry;
    subscribers.tell('entry', { seq: start + i, hash: content.leaves[i]!, entry });
  }
}
