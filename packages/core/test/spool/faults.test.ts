import { expect, test } from 'vitest';
import type { AuditError } from '../../src/errors.ts';
import { uuidv7 } from '../../src/event/id.ts';
import { openLog } from '../../src/log/open.ts';
import type { AuditLog } from '../../src/log/types.ts';
import { openFileStore } from '../../src/store/file/open.ts';
import { event, wait } from '../log/harness.ts';
import { ModelDisk, seededDice } from '../store/model-disk.ts';

// A log over a disk whose calls fail at random, with a spool on a disk that works: stopped, closed and opened meanwhile.

const PHASES = 8;
const EVENTS_A_PHASE = 60;
const SEEDS = Number(process.env.AUDIT_TEST_SEEDS ?? 8);
const ORIGIN = 'test.example/faults';

test.each(Array.from({ length: SEEDS }, (_, n) => n + 1))(
  'whatever fails, every event handed in is in the log once, or told to its caller (seed %i)',
  async (seed) => {
    const dice = seededDice(seed);
    const disk = new ModelDisk();
    const spoolDisk = new ModelDisk();
    let odds = 0;
    disk.before = async ({ name, path }) => {
      for (let turns = Math.floor(dice() * 4); turns > 0; turns--)
        await new Promise((next) => setImmediate(next));
      // A slot that cannot be written for long stops the log: rarer, or no seed would get far.
      if (dice() < (path.endsWith('/commit') ? odds / 3 : odds)) {
        throw Object.assign(new Error(`EIO: ${name} ${path}`), { code: 'EIO' });
      }
    };
    const open = async (): Promise<AuditLog> => {
      const store = await openFileStore({
        ...{ directory: '/model/audit-log', origin: ORIGIN, disk, segmentBytes: 8_000 },
        ...{ tryLock: async () => async () => {}, onKeyCreated: () => {} },
      });
      const options = {
        ...{ store, origin: ORIGIN, signer: store.signer, spoolDirectory: '/model/spool' },
        ...{ onFailure: 'spool' as const, queueEvents: 40, batchEvents: 7, queueTimeout: 60 },
      };
      return openLog(options, uuidv7, spoolDisk);
    };

    let log = await open();
    const kept = new Set<string>();
    const codes: Record<string, number> = {};
    const lost: Record<string, number> = {};
    const pending: Promise<unknown>[] = [];
    const reopen = async () => {
      await log.close().catch(() => {});
      for (const [reason, events] of Object.entries(log.health().lost))
        lost[reason] = (lost[reason] ?? 0) + events;
      odds = 0;
      log = await open();
    };
    for (let phase = 0; phase < PHASES; phase++) {
      odds = phase % 2 === 0 ? dice() * 0.5 : 0;
      for (let n = 0; n < EVENTS_A_PHASE; n++) {
        const id = `event-${phase}-${n}`;
        if (dice() < 0.6) kept.add(log.emit(event(n, dice() < 0.3 ? { id } : {})));
        else {
          const told = (code: string) => {
            codes[code] = (codes[code] ?? 0) + 1;
            if (code === 'recorded' || code === 'SPOOLED') kept.add(id);
          };
          pending.push(
            log.record(event(n, { id })).then(
              () => told('recorded'),
              (error: AuditError) => told(error.code),
            ),
          );
        }
        if (dice() < 0.2) await wait(dice() * 5);
        if (dice() < 0.01) await reopen();
      }
      if (log.health().status === 'stopped' || dice() < 0.3) await reopen();
    }
    odds = 0;
    await log.flush().catch(reopen);
    await Promise.all(pending);
    await reopen();
    await log.flush();
    const ids: string[] = [];
    for await (const { id, type } of log.entries()) if (!type.startsWith('log.')) ids.push(id);
    await log.close();
    expect(new Set(ids).size).toBe(ids.length);
    const missing = [...kept].filter((id) => !ids.includes(id));
    expect(missing, JSON.stringify({ codes, lost })).toEqual([]);
    expect(lost).toEqual({});
    expect([...spoolDisk.files().keys()]).toEqual(['/model/spool/spool.key']);
    const report = await openVerified(disk);
    expect(report).toBe('intact');
  },
  120_000,
);

/** The verdict on a log that nothing is written to any more. */
async function openVerified(disk: ModelDisk): Promise<string> {
  const store = await openFileStore({
    ...{ directory: '/model/audit-log', origin: ORIGIN, disk },
    ...{ tryLock: async () => async () => {}, onKeyCreated: () => {} },
  });
  const log = await openLog({ store, origin: ORIGIN, signer: store.signer }, uuidv7);
  const { verdict } = await log.verify();
  await log.close();
  return verdict;
}
