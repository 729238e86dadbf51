// Verification of a log directory: node's crypto, and worker threads where there is enough to share out.
import { availableParallelism } from 'node:os';
import { nodeHasher } from '../../merkle/node-hasher.ts';
import { nodeSignatures } from '../../note/node-primitives.ts';
import type { VerifyOptions } from '../../verify/options.ts';
import type { VerifyReport } from '../../verify/report.ts';
import { segmentScanner } from '../../verify/scan.ts';
import type { LogSource, SegmentSource } from '../../verify/source.ts';
import { verifyLog } from '../../verify/verify-log.ts';
import { ScanPool } from './scan-pool.ts';
import { openFileSource } from './source.ts';

/** Logs with fewer bytes on disk are verified in this thread: starting workers would cost more than it saves. */
export const MIN_BYTES_FOR_WORKERS = 8 * 1024 * 1024;
/** More threads than this wait for the one that folds the tree. */
const MAX_WORKERS = 8;

export interface VerifyDirectoryOptions extends Omit<VerifyOptions, 'hasher' | 'primitives' | 'scan'> {
  /** Private side of the log, for its high-water file. Default: `<directory>.private`. */
  readonly stateDirectory?: string | undefined;
  /** Worker threads; 0 for none. Default: one for each processor, on logs of 8 MiB and more. */
  readonly workers?: number | undefined;
}

/**
 * Verifies a log directory, live or a copy, without ever writing to it. One that is pruned meanwhile is verified again,
 * once: progress then begins anew.
 *
 * @throws RangeError `from`, `to`, `workers`
 * @throws AuditError `LOG_MISSING` no such directory · `STORE_IO` · `NOTE_INVALID` something in `since` cannot be read
 */
export async function verifyDirectory(
  directory: string,
  { stateDirectory, workers, ...options }: VerifyDirectoryOptions = {},
): Promise<VerifyReport> {
  if (workers !== undefined && !(Number.isInteger(workers) && workers >= 0)) {
    throw new RangeError(`workers must be a whole number, got ${workers}`);
  }
  const verify = async (source: LogSource, segments: readonly SegmentSource[]): Promise<VerifyReport> => {
    const bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0);
    const fitting = bytes < MIN_BYTES_FOR_WORKERS ? 0 : Math.min(availableParallelism(), MAX_WORKERS);
    const pool = ScanPool.start(source.location, workers ?? fitting);
    try {
      const scan = pool?.scan ?? segmentScanner(nodeHasher);
      return await verifyLog(source, { ...options, hasher: nodeHasher, primitives: nodeSignatures, scan });
    } finally {
      await pool?.close();
    }
  };
  const source = await openFileSource(directory, { stateDirectory });
  const segments = await source.segments();
  const report = await verify(source, segments);
  if (report.verdict === 'intact' || !beginsLater(await source.segments(), segments)) return report;
  // Pruned meanwhile, or so it looks: the notes that cover `log.prune` are newer than those this report goes by.
  const now = await openFileSource(directory, { stateDirectory });
  return verify(now, await now.segments());
}

/** True where the log begins later than it did: the first of its segments are gone, others are there. */
function beginsLater(now: readonly SegmentSource[], before: readonly SegmentSource[]): boolean {
  const [first] = now;
  return first !== undefined && before[0] !== undefined && first.first > before[0].first;
}
