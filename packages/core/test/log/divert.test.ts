import { expect, test } from 'vitest';
import { createMemoryStore } from '../../src/store/memory.ts';
import { checkLog, event, gaps, numbers, openLog } from './harness.ts';

test('while events are refused record says so, emit is counted, and the log tells how many once it takes them again', async () => {
  const store = createMemoryStore();
  const log = await openLog({ store });
  const degraded: string[] = [];
  log.on('degraded', ({ reason }) => degraded.push(reason));
  log.emit(event(0));
  log.divert('refuse', 'the disk is 99 % full');
  await expect(log.record(event(1, { id: 'mine' }))).rejects.toMatchObject({
    code: 'LOG_REFUSING',
    id: 'mine',
    message: expect.stringContaining('the disk is 99 % full'),
  });
  for (let n = 2; n < 7; n++) log.emit(event(n));
  expect(log.health()).toMatchObject({
    status: 'degraded',
    lost: { refused: 5 },
    diverted: { to: 'refuse', reason: 'the disk is 99 % full' },
  });
  expect(degraded).toHaveLength(1);
  log.divert(null);
  await log.record(event(7));
  expect(log.health()).toMatchObject({ status: 'ok', diverted: null });
  await log.close();
  const entries = await checkLog(store);
  expect(numbers(entries)).toEqual([0, 7]);
  expect(gaps(entries)).toEqual({ refused: 5 });
});

test('what is refused for long does not fill the log with what it tells of it', async () => {
  const store = createMemoryStore();
  const log = await openLog({ store });
  log.divert('refuse', 'the disk is 99 % full');
  for (let n = 0; n < 30; n++) {
    log.emit(event(n));
    await new Promise((resolve) => setImmediate(resolve));
    log.reportGap({ reason: 'stream-gap' });
    await log.flush();
  }
  const { size } = log.info();
  for (let n = 0; n < 30; n++) {
    log.emit(event(n));
    await log.flush();
  }
  expect(log.info().size).toBe(size);
  await log.close();
  expect(gaps(await checkLog(store))).toEqual({ refused: 60, 'stream-gap': 30 });
});

test.each([
  [['elsewhere', 'why'], /to must be spool, refuse or null, got "elsewhere"/],
  [['refuse', ''], /reason must say/],
  [['refuse'], /reason must say/],
  [['spool', 'why'], /spoolDirectory is missing/],
])('%j is refused itself', async (call, message) => {
  const log = await openLog();
  expect(() => log.divert(...(call as unknown as [null]))).toThrow(message);
  expect(log.health().diverted).toBeNull();
  await log.close();
});
