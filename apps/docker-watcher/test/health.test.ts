// The service is not ready while its log does not record.
import { createMemoryStore, openAuditLog } from '@audit/core';
import { testSigner } from '@audit/core/testing';
import { expect, test } from 'vitest';
import { recordingCheck } from '../src/health.ts';

test('a log whose signer is away is told with its reason, until it is back', async () => {
  const origin = 'health.example/docker';
  const signer = testSigner(origin);
  let away = false;
  const log = await openAuditLog({
    origin,
    store: createMemoryStore(),
    signer: {
      key: signer.key,
      sign(text) {
        if (away) throw new Error('the signer is away');
        return signer.sign(text);
      },
    },
  });
  expect(recordingCheck(log)).toEqual({ name: 'log', status: 'ok', reasons: [] });

  away = true;
  const degraded = new Promise((resolve) => log.on('degraded', resolve));
  log.emit({ type: 'data.read', operation: 'read', resource: { type: 'a', id: 'b' }, outcome: 'success' });
  await degraded;
  expect(recordingCheck(log)).toEqual({
    ...{ name: 'log', status: 'failed' },
    reasons: [expect.stringMatching(/signer/)],
  });

  away = false;
  await log.flush();
  expect(recordingCheck(log).status).toBe('ok');
  expect((await log.verify()).verdict).toBe('intact');
  await log.close();
});
