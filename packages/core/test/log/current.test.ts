import { expect, test } from 'vitest';
import { getAuditLog, setAuditLog } from '../../src/log/current.ts';
import { openLog } from './harness.ts';

test('getAuditLog returns the log that was set, and says what to do where none was', async () => {
  expect(() => getAuditLog()).toThrow(
    expect.objectContaining({ code: 'LOG_UNSET', message: expect.stringContaining('setAuditLog') }),
  );
  const log = await openLog();
  setAuditLog(log);
  expect(getAuditLog()).toBe(log);
  setAuditLog(undefined);
  expect(() => getAuditLog()).toThrow(expect.objectContaining({ code: 'LOG_UNSET' }));
  await log.close();
});
