// A disk that fills up, for real: a tmpfs of 8 MiB.
import { rmSync } from 'node:fs';
import { type AuditLog, type Entry, openAuditLog, verifyDirectory } from '@audit/core';
import {
  type DiskChange,
  type DiskHalt,
  type DiskLadder,
  type DiskListeners,
  type Monitoring,
  startMonitoring,
} from '@audit/policy';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EVENT, eventOf, ORIGIN } from '../effects/logs.ts';
import { valueIn } from '../support/prometheus.ts';
import { canMount, TinyDisk } from '../support/tiny-disk.ts';

const MIB = 1024 ** 2;

const ladder: DiskLadder = {
  warn: { share: 0.5 },
  alert: { bytes: 3 * MIB },
  refuse: { share: 0.25 },
  halt: { bytes: MIB },
};

describe.skipIf(!canMount)('a log on a small disk', () => {
  let disk: TinyDisk;
  let log: AuditLog;
  let served: Monitoring;
  let changes: DiskChange[];
  let halts: DiskHalt[];
  let heard: () => void;

  beforeEach(async () => {
    disk = new TinyDisk('8m');
    log = await openAuditLog({ directory: disk.path('log'), origin: ORIGIN, onKeyCreated: () => {} });
    changes = [];
    halts = [];
    heard = () => {};
  });
  afterEach(async () => {
    await served?.stop();
    await log.close().catch(() => {});
    disk.remove();
  });

  async function watch(rungs: DiskLadder, interval = 100, more: DiskListeners = {}): Promise<void> {
    served = await startMonitoring({
      ...{ log, monitoring: { address: '127.0.0.1', port: 0, disk: { interval, ladder: rungs } } },
      onDisk: (change) => {
        changes.push(change);
        heard();
      },
      onHalt: (halt) => {
        halts.push(halt);
        heard();
      },
      ...more,
    });
  }

  /** Resolves once the action in force for the disk of the log is this. */
  async function action(wanted: string | null): Promise<void> {
    while ((changes.at(-1)?.action ?? null) !== wanted) {
      await new Promise<void>((resolve) => {
        heard = resolve;
      });
    }
  }

  async function told(): Promise<readonly (readonly unknown[])[]> {
    const entries: Entry[] = [];
    for await (const entry of log.entries({ type: ['performance.threshold', 'log.gap'] }))
      entries.push(entry);
    return entries.map(({ type, operation, level, data }) =>
      type === 'log.gap' ? [type, data?.reasons] : [operation, level, data?.before, data?.action],
    );
  }

  const checkOf = () => served.status().checks.find(({ name }) => name === 'disk of the log')!;

  test('is warned of, alerted of, refuses and takes events again, each told once', async () => {
    await watch(ladder);
    expect(changes).toEqual([]);
    expect(checkOf()).toMatchObject({ status: 'ok', reasons: [] });

    disk.ballast(4.5 * MIB);
    await action('warn');
    expect(checkOf()).toMatchObject({
      status: 'degraded',
      reasons: [expect.stringMatching(/^warn: the disk of the log has .* free/)],
    });
    expect(served.status().ready).toBe(true);
    disk.ballast(5.5 * MIB);
    await action('alert');
    await log.record(EVENT);

    disk.ballast(6.5 * MIB);
    await action('refuse');
    expect(served.status().ready).toBe(false);
    await expect(log.record(EVENT)).rejects.toMatchObject({
      code: 'LOG_REFUSING',
      message: expect.stringMatching(/the disk of the log has 1\.\d MiB free, \d+(\.\d)? % of it/),
    });
    log.emit(EVENT);
    log.emit(EVENT);

    disk.ballast(0);
    await action(null);
    expect(served.status()).toMatchObject({ ready: true, status: 'ok' });
    await log.record(EVENT);
    await log.flush();
    const said = await told();
    expect(said.filter(([what]) => what !== 'log.gap')).toEqual([
      ['exceed', 'warning', 'none', 'warn'],
      ['exceed', 'error', 'warn', 'alert'],
      ['exceed', 'critical', 'alert', 'refuse'],
      ['recover', 'info', 'refuse', 'none'],
    ]);
    // When it is told is the log's affair.
    expect(said).toContainEqual(['log.gap', { refused: 2 }]);
    expect(changes.map((change) => change.action)).toEqual(['warn', 'alert', 'refuse', null]);
    for (const { size, free, limit, place } of changes) {
      expect([size, place]).toEqual([8 * MIB, 'log']);
      expect(free).toBeLessThan(size);
      expect(limit).toBeGreaterThanOrEqual(2 * MIB);
    }
    expect((await log.verify()).verdict).toBe('intact');
    await log.close();
  });

  test('refuses before it is full however fast it is written, and so can say what it refused', async () => {
    await watch({ refuse: { share: 0.5 } });
    while (log.health().diverted === null) {
      await log.record(eventOf(20_000)).catch(({ code }) => expect(code).toBe('LOG_REFUSING'));
    }
    for (let n = 0; n < 10; n++) log.emit(EVENT);
    await served.stop();
    await log.close();
    const report = await verifyDirectory(disk.path('log'));
    expect(report.verdict).toBe('intact');
    expect(report.findings.map(({ code }) => code)).toEqual(['gap']);
    expect(await told()).toEqual([
      ['exceed', 'critical', 'none', 'refuse'],
      ['log.gap', { refused: 10 }],
    ]);
  });

  test('is closed by halt, with the reason in it; whoever asked is told, and the process goes on', async () => {
    await watch(ladder);
    disk.ballast(6.5 * MIB);
    await action('refuse');
    log.emit(EVENT);
    disk.ballast(7.5 * MIB);
    await action('halt');
    expect(halts).toMatchObject([{ action: 'halt', before: 'refuse', error: null }]);
    await expect(log.record(EVENT)).rejects.toMatchObject({ code: 'LOG_CLOSED' });
    expect(served.status().checks.map(({ name, status }) => [name, status])).toEqual([
      ['log', 'failed'],
      ['disk of the log', 'failed'],
    ]);
    expect((await verifyDirectory(disk.path('log'))).verdict).toBe('intact');

    disk.ballast(0);
    log = await openAuditLog({ directory: disk.path('log') });
    const said = await told();
    expect(said).toContainEqual(['exceed', 'critical', 'refuse', 'halt']);
    expect(said).toContainEqual(['log.gap', { refused: 1 }]);
    const types: string[] = [];
    for await (const { type } of log.entries()) types.push(type);
    expect(types.slice(-2)).toEqual(['log.close', 'log.open']);
    expect((await log.verify()).verdict).toBe('intact');
  });

  test('is looked at after an error of the log, without waiting for the next time', async () => {
    await watch(ladder, 3_600_000);
    disk.ballast(4.5 * MIB);
    log.emit(null as never);
    await action('warn');
    expect((await log.verify()).verdict).toBe('intact');
  });

  test('finds at the start what is the matter already', async () => {
    disk.ballast(6.5 * MIB);
    await watch(ladder, 3_600_000);
    expect(changes.map((change) => change.action)).toEqual(['refuse']);
    await expect(log.record(EVENT)).rejects.toMatchObject({ code: 'LOG_REFUSING' });
    // Whoever no longer watches no longer turns events away.
    await served.stop();
    await log.record(EVENT);
    expect((await log.verify()).verdict).toBe('intact');
  });

  test('is measured as statfs has it, and listeners that throw harm nobody', async () => {
    const warnings: Error[] = [];
    const listen = (warning: Error) => warnings.push(warning);
    process.on('warning', listen);
    await watch(ladder, 100, {
      onDisk: () => {
        throw new Error('mine');
      },
    });
    const metrics = async () =>
      (await fetch(`${served.url}/metrics`, { headers: { connection: 'close' } })).text();
    expect(valueIn(await metrics(), 'audit_disk_size_bytes', { place: 'log' })).toBe(8 * MIB);
    disk.ballast(4.5 * MIB);
    while (valueIn(await metrics(), 'audit_disk_action', { action: 'warn' }) !== 1);
    expect(valueIn(await metrics(), 'audit_disk_free_bytes', { place: 'log' })).toBeLessThan(3.5 * MIB);
    await log.record(EVENT);
    while (warnings.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    process.off('warning', listen);
    expect(warnings[0]!.message).toContain('mine');
    expect((await log.verify()).verdict).toBe('intact');
  });

  test('spools nowhere but onto another disk', async () => {
    const refusal = { code: 'POLICY_INVALID', message: expect.stringContaining('monitoring.disk.spool') };
    const monitoring = {
      address: '127.0.0.1',
      port: 0,
      disk: { interval: 100, ladder: { spool: { share: 0.5 } } },
    };
    await expect(startMonitoring({ log, monitoring })).rejects.toMatchObject(refusal);
    const spoolDirectory = disk.path('log');
    await expect(startMonitoring({ log, monitoring, spoolDirectory })).rejects.toMatchObject(refusal);
    expect((await log.verify()).verdict).toBe('intact');
  });

  test('watches the disk of the spool, too, which only warns; and says once that it cannot be measured', async () => {
    const spool = new TinyDisk('1m');
    try {
      const monitoring = { address: '127.0.0.1', port: 0, disk: { interval: 100, ladder } };
      served = await startMonitoring({
        ...{ log, monitoring, spoolDirectory: spool.directory },
        onDisk: (change) => {
          changes.push(change);
          heard();
        },
      });
      // It has less than 3 MiB from the beginning.
      expect(changes).toMatchObject([{ place: 'spool', action: 'alert' }]);
      await log.record(EVENT);
    } finally {
      spool.remove();
      rmSync(spool.directory, { recursive: true, force: true });
    }
    const errors = async () => {
      const found: Entry[] = [];
      for await (const entry of log.entries({ type: 'system.error' })) found.push(entry);
      return found;
    };
    while ((await errors()).length === 0);
    expect(served.status().checks.at(-1)).toMatchObject({
      name: 'disk of the spool',
      reasons: [expect.anything(), expect.stringMatching(/cannot be measured: ENOENT/)],
    });
    await new Promise((resolve) => setTimeout(resolve, 350));
    expect(await errors()).toHaveLength(1);
    expect((await log.verify()).verdict).toBe('intact');
  });
});
