// A prune unlinks segments while they are verified: what it took is no entry missing.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nodeSignatures } from '../../src/note/node-primitives.ts';
import { parseVerifierKey } from '../../src/note/verifier-key.ts';
import { verifyDirectory } from '../../src/store/file/verify-directory.ts';
import { Log, segmentFile } from './fixture.ts';
import { held } from './verify.ts';

const log = new Log({
  count: 300,
  segments: [0, 100, 200],
  fields: (seq) => (seq === 290 ? { type: 'log.prune', data: { from: 0, to: 200 } } : undefined),
});
const keys = [parseVerifierKey(log.key.vkey, nodeSignatures)];

/** Verifies, and takes segments away once the first of them is being read. */
function verifyWhile(directory: string, taken: readonly number[]) {
  const take = () => {
    writeFileSync(join(directory, 'kept.jsonl'), `${log.lines[0]}\n`);
    for (const first of taken) rmSync(join(directory, 'entries', segmentFile(first)), { force: true });
  };
  return verifyDirectory(directory, { keys, workers: 0, onProgress: take });
}

describe('while a log is verified', () => {
  it('it may be pruned', async () => {
    const report = await verifyWhile(log.write(), [0, 100]);
    expect(report).toMatchObject({ verdict: 'intact', size: 300, entriesChecked: 100 });
    expect(held(report)).toEqual(['pruned 0-200']);
  });

  it('no segment may go that it does not say it pruned', async () => {
    const report = await verifyWhile(log.write(), [100]);
    expect(held(report)).toEqual(['entry-missing 100-200']);
    const all = await verifyWhile(log.write(), [0, 100, 200]);
    expect(held(all)).toEqual(['entry-missing 100-200', 'truncated 200-300']);
  });
});
