import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { hashToBase64 } from '../../src/note/base64.ts';
import { parseCheckpoint } from '../../src/note/checkpoint.ts';
import { parseNote } from '../../src/note/note.ts';
import type { VerifierKey } from '../../src/note/signer.ts';
import type { DiskFile } from '../../src/store/file/disk.ts';
import type { FileStore } from '../../src/store/file/file-store.ts';
import { openFileStore } from '../../src/store/file/open.ts';
import { verifyDirectory } from '../../src/store/file/verify-directory.ts';
import { type Dice, ModelDisk, seededDice } from './model-disk.ts';
import { TestWriter } from './writer.ts';

const DIRECTORY = '/model/audit-log';
const ORIGIN = 'test.example/crash';
const COMMITS = 200;
const ROTATE_AT = 80;
const CHANGES = new Set([
  'create',
  'mkdir',
  'rename',
  'link',
  'unlink',
  'syncDirectory',
  'write',
  'truncate',
  'datasync',
  'sync',
]);

const temporary: string[] = [];
afterEach(async () => {
  for (const path of temporary.splice(0)) await rm(path, { recursive: true, force: true });
});

function open(disk: ModelDisk): Promise<FileStore> {
  return openFileStore({
    directory: DIRECTORY,
    origin: ORIGIN,
    disk,
    tryLock: async () => async () => {},
    onKeyCreated: () => {},
  });
}

async function verifyFiles(disk: ModelDisk, key: VerifierKey) {
  const root = await mkdtemp(join(tmpdir(), 'audit-crash-'));
  temporary.push(root);
  for (const [path, bytes] of disk.files()) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), bytes);
  }
  return verifyDirectory(join(root, DIRECTORY), { keys: [key] });
}

/** The life of a log in which the crash happens: creation, commits, a rotation, an unclean end and a recovery. */
async function live(disk: ModelDisk, acknowledged: Map<number, string>): Promise<void> {
  let store = await open(disk);
  let writer = await TestWriter.over(store, store.signer);
  const ends: Promise<unknown>[] = [];
  const append = (...call: Parameters<TestWriter['append']>) => {
    const size = writer.size + call[0].length;
    const w = writer;
    const done = w.append(...call).then(() => acknowledged.set(size, w.published.get(size)!));
    ends.push(done);
    return done;
  };
  for (let n = 0; n < COMMITS; n++) {
    if (n === ROTATE_AT) {
      await Promise.all(ends);
      await append([{ type: 'log.rotate' }, {}], { startsSegment: true });
    } else if (n === COMMITS / 2) {
      // The process is killed while a batch is written and not yet signed: its page cache stays, its store is
      // forgotten; the next one finds lines past the commit, sets them aside, and goes on.
      await Promise.all(ends);
      const abandoned = writer.batch([{ operation: 'never acknowledged' }, {}]);
      await new Promise<void>((written) => {
        void store.append(writer.size - 2, abandoned, () => new Promise(() => written()));
      });
      store = await open(disk);
      expect(store.opened.recovered).toMatchObject({
        quarantined: [expect.stringMatching(/^\d+-[0-9a-f]{64}$/)],
      });
      writer = await TestWriter.over(store, store.signer);
      await append([{ type: 'log.recover' }]);
      await store.opened.recoveryRecorded?.();
    } else if (n % 3 === 0) {
      void append([{ operation: 'x'.repeat(1 + ((n * 37) % 900)) }, {}]); // overlaps the next
    } else {
      await append([{ operation: 'y'.repeat(1 + ((n * 91) % 700)) }]);
    }
  }
  await Promise.all(ends);
  await append([{ type: 'log.close' }]);
  await store.close();
}

describe('a power cut after every operation of 200 commits, a rotation and a recovery', () => {
  const fates: [string, (seed: number) => Dice][] = [
    ['nothing unsynced survives', () => () => 0],
    ['everything survives', () => () => 0.99],
    ['some of it survives', seededDice],
  ];

  test.each(fates)(
    'loses nothing acknowledged and forks nothing where %s',
    async (_, diceOf) => {
      const disk = new ModelDisk();
      const acknowledged = new Map<number, string>();
      const roots = new Map<number, string>();
      let operations = 0;

      const crash = async () => {
        const seed = ++operations;
        const lost = disk.crashed(diceOf(seed));
        const atLeast = Math.max(0, ...acknowledged.keys());
        const store = await open(lost);
        const writer = await TestWriter.over(store, store.signer);
        expect(writer.size, `after ${seed} operations`).toBeGreaterThanOrEqual(atLeast);
        const { note } = await store.head();
        if (note !== null) {
          const head = parseCheckpoint(parseNote(note).text);
          remember(roots, head.size, hashToBase64(head.root));
        }
        await writer.append([{ type: 'log.recover' }]);
        await store.opened.recoveryRecorded?.();
        await store.close();
        if (seed % 50 !== 0) return;
        const report = await verifyFiles(lost, store.signer.key);
        expect(report.verdict, JSON.stringify(report.findings)).toBe('intact');
      };

      // One crash before each operation that changes anything, in the order they are asked for.
      let turn = Promise.resolve();
      disk.before = ({ name }) => {
        if (!CHANGES.has(name)) return;
        turn = turn.then(crash);
        return turn;
      };
      await live(disk, acknowledged);
      for (const [size, root] of acknowledged) remember(roots, size, root);
      expect(acknowledged.size).toBe(COMMITS + 1);
      expect(operations).toBeGreaterThan(COMMITS * 5);
    },
    600_000,
  );
});

/** No two roots for one size. */
function remember(roots: Map<number, string>, size: number, root: string): void {
  expect(roots.get(size) ?? root, `two roots for size ${size}`).toBe(root);
  roots.set(size, root);
}

test('a segment that had to be made anew has a durable name before anything in it is acknowledged', async () => {
  const disk = new ModelDisk();
  await (await open(disk)).close();
  disk.remove(`${DIRECTORY}/entries/0000000000000000.jsonl`);
  const store = await open(disk);
  await (await TestWriter.over(store, store.signer)).append([{}]);
  const after = await open(disk.crashed(() => 0));
  expect((await after.head()).size).toBe(1);
});

test('the files of the tree have durable names once a mark says that they are durable', async () => {
  const disk = new ModelDisk();
  const store = await open(disk);
  await (await TestWriter.over(store, store.signer)).append(Array.from({ length: 300 }, () => ({})));
  await store.close();
  const names = [
    ...disk
      .crashed(() => 0)
      .files()
      .keys(),
  ];
  expect(names).toEqual(expect.arrayContaining([`${DIRECTORY}/tree/0`, `${DIRECTORY}/tree/1`]));
});

test('an opening that fails at any call leaves no file open', async () => {
  const disk = new ModelDisk();
  const store = await open(disk);
  const writer = await TestWriter.over(store, store.signer);
  await writer.append(Array.from({ length: 300 }, () => ({})));
  let attempts = 0;
  for (let failAt = 1; ; failAt++) {
    const killed = disk.killed();
    let calls = 0;
    killed.before = ({ name }) => {
      if (++calls === failAt) throw Object.assign(new Error(`EIO: ${name}`), { code: 'EIO' });
    };
    let held = 0;
    const counted = (file: DiskFile): DiskFile => {
      held++;
      return { ...file, close: () => file.close().then(() => void held--) };
    };
    const counting = new Proxy(killed, {
      get: (target, name: keyof ModelDisk) => {
        if (name === 'open') {
          return async (path: string) => {
            const file = await target.open(path);
            return file && counted(file);
          };
        }
        if (name === 'create') return async (path: string) => counted(await target.create(path));
        const value = target[name];
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const result = await open(counting).catch((error: Error) => error);
    if (!(result instanceof Error)) {
      await result.close();
      expect(held, 'after close').toBe(0);
      if (calls < failAt) break;
      continue;
    }
    attempts++;
    expect(held, `call ${failAt}: ${result.message}`).toBe(0);
  }
  expect(attempts).toBeGreaterThan(20);
});
