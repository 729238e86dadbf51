// The worker thread of `verifyDirectory`: scans the segments it is told to, and posts what it finds.
import { parentPort, workerData } from 'node:worker_threads';
import { nodeHasher } from '../../merkle/node-hasher.ts';
import { type ScanPart, type ScanRequest, scanSegment } from '../../verify/scan.ts';
import { openFileSource } from './source.ts';

/** Asks for one segment, by its first entry; or says that the rest of a job is no longer wanted. */
export type WorkerRequest =
  | { readonly job: number; readonly first: number; readonly request: ScanRequest }
  | { readonly cancel: number };

export type WorkerAnswer =
  | { readonly job: number; readonly part: ScanPart }
  | { readonly job: number; readonly error: unknown };

const { directory } = workerData as { directory: string };
const cancelled = new Set<number>();

parentPort!.on('message', (message: WorkerRequest) => {
  if ('cancel' in message) cancelled.add(message.cancel);
  else void scan(message.job, message.first, message.request);
});

async function scan(job: number, first: number, request: ScanRequest): Promise<void> {
  const post = (answer: WorkerAnswer) => parentPort!.postMessage(answer);
  try {
    const source = await openFileSource(directory);
    const segment = (await source.segments()).find((one) => one.first === first);
    if (segment === undefined) {
      // Gone since it was listed: an end without lines, as reading a missing file gives.
      post({ job, part: { kind: 'end', next: request.from, pending: 0, time: null } });
      return;
    }
    for await (const part of scanSegment(segment, request, nodeHasher)) {
      if (cancelled.has(job)) return;
      post({ job, part });
    }
  } catch (error) {
    post({ job, error });
  }
}
