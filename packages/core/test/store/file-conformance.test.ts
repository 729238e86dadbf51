import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFileStore } from '../../src/store/file/open.ts';
import { testSigner } from '../../src/testing/test-signer.ts';
import { CONFORMANCE_ORIGIN, storeConformance } from './conformance.ts';

storeConformance('the file store', async () => {
  const root = await mkdtemp(join(tmpdir(), 'audit-conf-'));
  const open = () =>
    openFileStore({
      directory: join(root, 'log'),
      origin: CONFORMANCE_ORIGIN,
      signer: testSigner(CONFORMANCE_ORIGIN),
    });
  return { store: await open(), reopen: open, dispose: () => rm(root, { recursive: true, force: true }) };
});
