// A disk that fills up, and events that go to the spool on another one meanwhile.
import { mkdirSync } from 'node:fs';
import { openAuditLog } from '@audit/core';
import { type DiskChange, startMonitoring } from '@audit/policy';
import { expect, test } from 'vitest';
import { EVENT, ORIGIN } from '../effects/logs.ts';
import { valueIn } from '../support/prometheus.ts';
import { canMount, TinyDisk } from '../support/tiny-disk.ts';

const MIB = 1024 ** 2;

test.skipIf(!canMount)(
  'events go to the spool while the disk of the log has too little room, and into the log once it has',
  async () => {
    const disk = new TinyDisk('8m');
    const other = new TinyDisk('4m');
    const spoolDirectory = other.path('spool');
    mkdirSync(spoolDirectory, { mode: 0o700 });
    const log = await openAuditLog({
      directory: disk.path('log'),
      origin: ORIGIN,
      spoolDirectory,
      onKeyCreated: () => {},
    });
    const changes: DiskChange[] = [];
    let heard = () => {};
    const ladder = { warn: { share: 0.6 }, spool: { share: 0.5 }, refuse: { share: 0.2 } };
    const served = await startMonitoring({
      ...{
        log,
        spoolDirectory,
        monitoring: { address: '127.0.0.1', port: 0, disk: { interval: 100, ladder } },
      },
      onDisk: (change) => {
        changes.push(change);
        heard();
      },
    });
    const action = async (wanted: string | null) => {
      while ((changes.at(-1)?.action ?? null) !== wanted) {
        await new Promise<void>((resolve) => {
          heard = resolve;
        });
      }
    };
    const spooled = async () =>
      valueIn(
        await (await fetch(`${served.url}/metrics`, { headers: { connection: 'close' } })).text(),
        'audit_spool_events',
      );
    try {
      await log.record({ ...EVENT, data: { n: 0 } });
      disk.ballast(5 * MIB);
      await action('spool');
      await expect(log.record({ ...EVENT, data: { n: 1 } })).rejects.toMatchObject({ code: 'SPOOLED' });
      log.emit({ ...EVENT, data: { n: 2 } });
      while ((await spooled()) !== 2);
      expect(served.status()).toMatchObject({ ready: true, status: 'degraded' });
      disk.ballast(7 * MIB);
      await action('refuse');
      await expect(log.record({ ...EVENT, data: { n: 3 } })).rejects.toMatchObject({ code: 'LOG_REFUSING' });
      disk.ballast(0);
      await action(null);
      await log.flush();
      expect(await spooled()).toBe(0);
      const numbers: unknown[] = [];
      const told: unknown[] = [];
      for await (const { type, data } of log.entries()) {
        if (type === EVENT.type) numbers.push(data?.n);
        if (type === 'performance.threshold') told.push(data?.action);
      }
      expect(numbers.sort()).toEqual([0, 1, 2]);
      expect(told).toEqual(['spool', 'refuse', 'none']);
      expect((await log.verify()).verdict).toBe('intact');
    } finally {
      await served.stop();
      await log.close();
      disk.remove();
      other.remove();
    }
  },
);
