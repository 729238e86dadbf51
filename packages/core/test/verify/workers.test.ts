// Worker threads give the same report. They need the built package: from source there is nothing to start them from.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nodeSignatures } from '../../src/note/node-primitives.ts';
import { parseVerifierKey } from '../../src/note/verifier-key.ts';
import { verifyDirectory } from '../../src/store/file/verify-directory.ts';
import { copyOf, editSegment, flip, Log, segmentFile } from './fixture.ts';
import { held } from './verify.ts';

const BUILT = new URL('../../dist/store/file/verify-directory.js', import.meta.url);
const built = existsSync(BUILT) && existsSync(new URL('verify-worker.js', BUILT));
if (!built)
  console.warn('SKIPPED: worker threads of verifyDirectory, as the package is not built (npm run build).');

const log = new Log({
  count: 900,
  segments: [0, 200, 400, 600, 800],
  sealed: [0, 200, 400],
  kept: [200, 400, 600, 800],
});
const original = log.write();
const keys = [parseVerifierKey(log.key.vkey, nodeSignatures)];

describe('verifyDirectory', () => {
  it('verifies a directory in this thread', async () => {
    expect(await verifyDirectory(original, { keys })).toMatchObject({
      verdict: 'intact',
      entriesChecked: 900,
    });
  });

  it('refuses what is no number of workers', async () => {
    await expect(verifyDirectory(original, { workers: -1 })).rejects.toThrow(RangeError);
  });
});

describe.skipIf(!built)('in worker threads', () => {
  async function both(directory: string, options: Parameters<typeof verifyDirectory>[1] = {}) {
    const { verifyDirectory: fromDist } = (await import(BUILT.href)) as {
      verifyDirectory: typeof verifyDirectory;
    };
    const inThread = await verifyDirectory(directory, { keys, ...options });
    for (const workers of [1, 2, 3]) {
      expect(await fromDist(directory, { keys, ...options, workers })).toEqual(inThread);
    }
    return inThread;
  }

  it('reports an intact log the same', async () => {
    expect(await both(original)).toMatchObject({ verdict: 'intact', entriesChecked: 900, findings: [] });
    expect(await both(original, { hashesOnly: true })).toMatchObject({ verdict: 'intact' });
  });

  it('reports a period the same', async () => {
    expect(await both(original, { from: 300, to: 500 })).toMatchObject({
      verdict: 'intact',
      entriesChecked: 200,
    });
  });

  it('reports changes the same, at the seams too', async () => {
    for (const at of [0, 3, 199]) {
      const copy = copyOf(original);
      editSegment(copy, 200, (lines) => lines.with(at, lines[at]!.replace('success', 'failure')));
      expect(held(await both(copy))).toEqual([`entry-modified ${200 + at}`]);
    }
  });

  it('reports a chain signed broken at a seam the same', async () => {
    const fields = (seq: number) => (seq === 200 ? { prev: 'f'.repeat(64) } : undefined);
    const broken = new Log({ ...log.plan, keys: [{ from: 0, key: log.key }], fields });
    expect(held(await both(broken.write()))).toEqual(['entry-malformed 200']);
  });

  it('reports damage the same', async () => {
    const copy = copyOf(original);
    flip(join(copy, 'entries', `${segmentFile(400)}.gz`), 900, 0x04);
    expect((await both(copy)).findings).toMatchObject([
      { code: 'segment-unreadable', seq: { from: 400, to: 512 } },
    ]);
  });

  it('stops where it is told to', async () => {
    const { verifyDirectory: fromDist } = (await import(BUILT.href)) as {
      verifyDirectory: typeof verifyDirectory;
    };
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(fromDist(original, { keys, workers: 2, signal })).rejects.toThrow('enough');
  });
});
