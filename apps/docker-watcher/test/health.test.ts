// The service is not ready while its log does not record.
import { createMemoryStore, openAuditLog } from '@audit/core';
import { testSigner } from '@audit/core/testing';
import { expect, test } from 'vitest';
import { readiness } from '../src/health.ts';

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
  expect(readiness(log, [])).toEqual({ ready: true, lines: ['log: ok'] });

  away = true;
  const degraded = new Promise((resolve) => log.on('degraded', resolve));
  log.emit({ type: 'data.read', operation: 'read', resource: { type: 'a', id: 'b' }, outcome: 'success' });
  await degraded;
  const { ready, lines } = readiness(log, []);
  expect(ready).toBe(false);
  expect(lines).toEqual([expect.stringMatching(/^log: degraded; .*signer/)]);

  away = false;
  await log.flush();
  expect(readiness(log, []).ready).toBe(true);
  expect((await log.verify()).verdict).toBe('intact');
  await log.close();
});
