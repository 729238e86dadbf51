import { expect, test } from 'vitest';
import { nodeHasher } from '../../src/merkle/node-hasher.ts';
import { verifyProof } from '../../src/note/tlog-proof.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import { testSigner } from '../../src/testing/test-signer.ts';
import { checkLog, event, ORIGIN, openLog } from './harness.ts';

test('every entry is proved to be under the newest checkpoint', async () => {
  const store = createMemoryStore();
  const log = await openLog({ store });
  const receipts = await Promise.all(Array.from({ length: 300 }, (_, n) => log.record(event(n))));
  for (const { seq, hash } of receipts) {
    const proof = await log.prove(seq);
    expect(verifyProof(nodeHasher, proof, hash, [testSigner(ORIGIN).key])).toMatchObject({
      index: seq,
      size: 301,
      origin: ORIGIN,
    });
    expect(() =>
      verifyProof(nodeHasher, proof, receipts[(seq + 1) % 300]!.hash, [testSigner(ORIGIN).key]),
    ).toThrow();
  }
  await log.close();
  await checkLog(store);
});

test('what is not in the log cannot be proved', async () => {
  const log = await openLog();
  await expect(log.prove(1)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(log.prove(-1)).rejects.toThrow(RangeError);
  await expect(log.prove(0.5)).rejects.toThrow(RangeError);
  await log.close();
});
