import { setTimeout as sleep } from 'node:timers/promises';
import { auditExecution } from '@audit/agent';
import { withAuditContext } from '@audit/core';
import { expect, it } from 'vitest';
import { entriesOf, onlyEntry, withLog } from './support/log.ts';

it('records a function with its text, what it returned, and who ran it', async () => {
  await withLog(async (log) => {
    const actor = { type: 'agent', id: 'coder' };
    const value = await withAuditContext({ actor }, () =>
      auditExecution(() => ({ answer: 42 }), { log, code: 'clear', result: 'clear' }),
    );
    expect(value).toEqual({ answer: 42 });
    const entry = await onlyEntry(log, 'code.execution');
    expect(entry).toMatchObject({ outcome: 'success', actor });
    expect(entry.data).toMatchObject({
      ...{ language: 'javascript', timedOut: false, cpuScope: 'process', maxRssBytes: null },
      code: expect.stringContaining('answer: 42'),
      result: { value: '{"answer":42}' },
      limits: { timeoutMs: 60_000 },
    });
    expect(entry.data.cpuMs).toBeGreaterThanOrEqual(0);
  });
});

it('records what is thrown, and throws it', async () => {
  await withLog(async (log) => {
    const mistake = new RangeError('out of cheese');
    await expect(auditExecution(() => Promise.reject(mistake), { log })).rejects.toBe(mistake);
    expect(await onlyEntry(log, 'code.execution')).toMatchObject({
      ...{ outcome: 'failure', level: 'error' },
      error: { name: 'RangeError', message: 'out of cheese' },
    });
    await expect(
      auditExecution(
        () => {
          throw 'a text';
        },
        { log },
      ),
    ).rejects.toBe('a text');
    expect((await entriesOf(log, 'code.execution'))[1]?.error).toEqual({ message: 'a text' });
  });
});

it('tells a function to stop when its time is over, and does not wait for it', async () => {
  await withLog(async (log) => {
    let told: unknown;
    const slow = auditExecution(
      async (signal) => {
        signal.addEventListener('abort', () => {
          told = (signal.reason as { code?: unknown }).code;
        });
        await new Promise(() => {});
      },
      { log, timeout: 50 },
    );
    await expect(slow).rejects.toMatchObject({ code: 'TIMED_OUT' });
    expect(told).toBe('TIMED_OUT');
    const { data, outcome } = await onlyEntry(log, 'code.execution');
    expect([data.timedOut, data.exceeded, outcome]).toEqual([true, 'time', 'failure']);
  });
});

it('without a timeout waits as long as it takes', async () => {
  await withLog(async (log) => {
    expect(await auditExecution(() => sleep(20, 'slept'), { log, timeout: 0 })).toBe('slept');
    expect((await onlyEntry(log, 'code.execution')).data.limits).toEqual({ timeoutMs: null });
  });
});

it('strict, does not call the function where that cannot be recorded', async () => {
  await withLog(async (log) => {
    log.use((event, next) => {
      if (event.type !== 'code.execution') next(event);
    });
    let called = false;
    const refused = auditExecution(
      () => {
        called = true;
      },
      { log, onFailure: 'strict' },
    );
    await expect(refused).rejects.toMatchObject({ code: 'NOT_RECORDED' });
    expect(called).toBe(false);
  });
});
