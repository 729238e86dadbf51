import { expect, test } from 'vitest';
import { uuidv7 } from '../../src/event/id.ts';
import { openLog } from '../../src/log/open.ts';
import type { AuditLog } from '../../src/log/types.ts';
import { openFileStore } from '../../src/store/file/open.ts';
import { event } from '../log/harness.ts';
import { type Dice, ModelDisk, seededDice } from '../store/model-disk.ts';

const DIRECTORY = '/model/audit-log';
const SPOOL = '/model/audit-log.private/spool';
const ORIGIN = 'test.example/spool';
const CHANGES = new Set([
  'create',
  'mkdir',
  'rename',
  'link',
  'unlink',
  'syncDirectory',
  'write',
  'truncate',
]);
const SYNCS = new Set(['datasync', 'sync']);

/** A log and its spool on a model of a disk. */
async function open(disk: ModelDisk): Promise<AuditLog> {
  const store = await openFileStore({
    ...{ directory: DIRECTORY, origin: ORIGIN, disk },
    ...{ tryLock: async () => async () => {}, onKeyCreated: () => {} },
  });
  const { signer } = store;
  const options = { store, origin: ORIGIN, signer, spoolDirectory: SPOOL, queueEvents: 16, batchEvents: 4 };
  return openLog({ ...options, onFailure: 'spool' }, uuidv7, disk);
}

/** What a log holds of the numbered events, in its order. */
async function numbersOf(log: AuditLog): Promise<number[]> {
  const found: number[] = [];
  for await (const { data } of log.entries({ type: 'data.update' })) found.push(data!.n as number);
  return found;
}

/** Spools, replays, and spools again; `told` gets the number of each event that is told to be kept. */
async function live(disk: ModelDisk, told: Set<number>): Promise<void> {
  let next = 0;
  for (let run = 0; run < 2; run++) {
    const log = await open(disk);
    for (let phase = 0; phase < 3; phase++) {
      log.divert('spool', 'a test');
      for (let round = 0; round < 4; round++) {
        const events = Array.from({ length: 6 }, () => next++);
        const text = 'x'.repeat((next * 53) % 700);
        for (const n of events.slice(0, -1)) log.emit(event(n, { data: { n, text } }));
        const last = events.at(-1)!;
        await log.record(event(last, { data: { n: last, text } })).catch((error) => {
          if (error.code !== 'SPOOLED') throw error;
          for (const n of events) told.add(n);
        });
      }
      log.divert(null);
      if (phase < 2) await log.flush();
    }
    log.divert('spool', 'a test');
    await log.close();
  }
  await (await open(disk)).close();
}

test.each<[string, (seed: number) => Dice]>([
  ['nothing unsynced survives', () => () => 0],
  ['everything survives', () => () => 0.99],
  ['some of it survives', seededDice],
])(
  'a power cut before any operation of the spool loses nothing that was told to be kept, where %s',
  async (_, diceOf) => {
    const disk = new ModelDisk();
    const told = new Set<number>();
    let crashes = 0;
    const crash = async () => {
      const seed = ++crashes;
      const kept = [...told];
      const lost = disk.crashed(diceOf(seed));
      const log = await open(lost);
      const numbers = await numbersOf(log);
      await log.close();
      const again = await open(lost);
      expect(await numbersOf(again), `after ${seed} operations`).toEqual(numbers);
      await again.close();
      expect(numbers, `after ${seed} operations`).toEqual([...new Set(numbers)].sort((a, b) => a - b));
      const missing = kept.filter((n) => !numbers.includes(n));
      expect(missing, `after ${seed} operations`).toEqual([]);
    };
    let turn = Promise.resolve();
    disk.before = ({ name, path }) => {
      const counts = path.startsWith(SPOOL) ? CHANGES.has(name) || SYNCS.has(name) : SYNCS.has(name);
      if (!counts) return;
      turn = turn.then(crash);
      return turn;
    };
    await live(disk, told);
    disk.before = () => {};
    const log = await open(disk);
    expect(await numbersOf(log)).toEqual(Array.from({ length: 2 * 3 * 4 * 6 }, (_, n) => n));
    await log.close();
    expect(told.size).toBe(2 * 3 * 4 * 6);
    expect(crashes).toBeGreaterThan(100);
  },
  600_000,
);
