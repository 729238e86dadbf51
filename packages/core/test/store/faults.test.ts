import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import type { Entry } from '../../src/event/model.ts';
import { openAuditLog } from '../../src/log/open.ts';
import type { AuditLog, Receipt } from '../../src/log/types.ts';
import type { VerifierKey } from '../../src/note/signer.ts';
import { openFileStore } from '../../src/store/file/open.ts';
import { verifyDirectory } from '../../src/store/file/verify-directory.ts';
import { event, gaps, wait } from '../log/harness.ts';
import { type Dice, ModelDisk, seededDice } from './model-disk.ts';

// A whole log over a disk whose calls fail at random and take their time, closed, stopped and cut off power meanwhile.

const DIRECTORY = '/model/audit-log';
const ORIGIN = 'test.example/faults';
const PHASES = 6;
const EVENTS_A_PHASE = 60;
const SEEDS = Number(process.env.AUDIT_TEST_SEEDS ?? 8);

/** A disk and how often its calls fail. */
class Moody {
  readonly disk: ModelDisk;
  odds = 0;

  constructor(dice: Dice, disk: ModelDisk) {
    this.disk = disk;
    disk.before = async ({ name, path }) => {
      for (let turns = Math.floor(dice() * 4); turns > 0; turns--)
        await new Promise((resolve) => setImmediate(resolve));
      // A slot that cannot be written for long stops the log: rarer, or no seed would get far.
      const odds = path.endsWith('/commit') ? this.odds / 3 : this.odds;
      if (dice() < odds) throw Object.assign(new Error(`EIO: ${name} ${path}`), { code: 'EIO' });
    };
  }
}

async function open(disk: ModelDisk): Promise<{ log: AuditLog; key: VerifierKey }> {
  const store = await openFileStore({
    directory: DIRECTORY,
    origin: ORIGIN,
    segmentBytes: 8_000,
    disk,
    tryLock: async () => async () => {},
    onKeyCreated: () => {},
  });
  const log = await openAuditLog({
    store,
    origin: ORIGIN,
    signer: store.signer,
    queueEvents: 40,
    batchEvents: 7,
    queueTimeout: 60,
  });
  return { log, key: store.signer.key };
}

async function verified(disk: ModelDisk, key: VerifierKey): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'audit-faults-'));
  for (const [path, bytes] of disk.files()) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), bytes);
  }
  const report = await verifyDirectory(join(root, DIRECTORY), { keys: [key] });
  expect(report.verdict, JSON.stringify(report.findings)).toBe('intact');
  expect(report.findings.filter(({ code }) => code !== 'recovered' && code !== 'gap')).toEqual([]);
  await rm(root, { recursive: true });
}

test.each(
  Array.from({ length: SEEDS }, (_, n) => [n + 1, n % 2 === 0 ? 'closed' : 'cut off power'] as const),
)(
  'what is acknowledged stands, and what is lost is counted (seed %i, %s)',
  async (seed, end) => {
    const dice = seededDice(seed);
    let mood = new Moody(dice, new ModelDisk());
    let { log, key } = await open(mood.disk);
    let life = 0;
    const receipts: Receipt[] = [];
    const emitted = new Set<string>();
    const lost: Record<string, number> = {};
    const pending: Promise<unknown>[] = [];
    let gaveUp = false;
    const count = () => {
      for (const [reason, events] of Object.entries(log.health().lost))
        lost[reason] = (lost[reason] ?? 0) + events;
    };

    /** The disk goes on failing while the log is closed, which may give up; then all is well for a while. */
    const reopen = async () => {
      await log.close().catch(() => {});
      gaveUp = true;
      count();
      mood.odds = 0;
      ({ log, key } = await open(mood.disk));
    };
    const cut = async () => {
      life++; // what the old process still hears is no acknowledgement to anybody
      const old = log;
      const { disk } = mood;
      mood.odds = 0;
      mood = new Moody(dice, disk.crashed(dice));
      pending.push(old.close().catch(() => {}));
      ({ log, key } = await open(mood.disk));
    };

    for (let phase = 0; phase < PHASES; phase++) {
      mood.odds = phase % 2 === 0 ? dice() * 0.4 : 0;
      for (let n = 0; n < EVENTS_A_PHASE; n++) {
        if (log.health().status === 'stopped') await reopen();
        const id = `event-${phase}-${n}`;
        const mine = life;
        if (dice() < 0.5) emitted.add(log.emit(event(n, dice() < 0.3 ? { id } : {})));
        else {
          const heard = (receipt: Receipt) => {
            if (mine === life) receipts.push(receipt);
          };
          pending.push(log.record(event(n, { id })).then(heard, () => {}));
        }
        if (dice() < 0.2) await wait(dice() * 5);
      }
      if (dice() < 0.3) await (end === 'closed' ? reopen() : cut());
    }
    mood.odds = 0;
    await log.flush().catch(reopen);
    await Promise.all(pending);
    await log.close();
    count();

    const again = await open(mood.disk);
    const entries: Entry[] = [];
    for await (const entry of again.log.entries()) entries.push(entry);
    await again.log.close();
    await verified(mood.disk, key);
    const seqs = new Map(entries.map(({ id, seq }) => [id, seq]));
    expect(seqs.size).toBe(entries.length);
    for (const { id, seq } of receipts) expect(seqs.get(id), id).toBe(seq);
    if (end !== 'closed') return; // what a power cut takes is told by log.recover, in no number
    const missing = [...emitted].filter((id) => !seqs.has(id)).length;
    const counted = Object.values(lost).reduce((sum, events) => sum + events, 0);
    if (gaveUp) expect(counted).toBeGreaterThanOrEqual(missing);
    else {
      expect(counted).toBe(missing);
      expect(gaps(entries)).toEqual(lost);
    }
  },
  600_000,
);
