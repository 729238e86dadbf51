import { expect, test } from 'vitest';
import { createMemoryStore } from '../../src/store/memory.ts';
import { checkLog, event, MoodySigner, openLog, types, until, wait } from './harness.ts';

test('an idle log writes a heartbeat at each interval', async () => {
  const store = createMemoryStore();
  const log = await openLog({ store, heartbeat: 10 });
  await until(() => log.info().size >= 3);
  await log.close();
  const entries = await checkLog(store);
  expect(types(entries).slice(0, 3)).toEqual(['log.create', 'log.heartbeat', 'log.heartbeat']);
});

test('a busy log writes none, and neither does one that was not asked to', async () => {
  const store = createMemoryStore();
  const log = await openLog({ store, heartbeat: 500 });
  for (let n = 0; n < 10; n++) {
    await log.record(event(n));
    await wait(5);
  }
  await log.close();
  expect(types(await checkLog(store))).not.toContain('log.heartbeat');
});

test('heartbeats do not pile up while entries wait for the signer', async () => {
  const store = createMemoryStore();
  const signer = new MoodySigner();
  const log = await openLog({ store, signer, heartbeat: 2 });
  signer.mood = 'down';
  log.emit(event(1));
  await wait(60);
  expect(log.health().queued.events).toBeLessThanOrEqual(2);
  signer.mood = 'up';
  await log.close();
  await checkLog(store);
});
