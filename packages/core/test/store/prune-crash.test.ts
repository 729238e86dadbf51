import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { hashToBase64 } from '../../src/note/base64.ts';
import type { VerifierKey } from '../../src/note/signer.ts';
import type { FileStore } from '../../src/store/file/file-store.ts';
import { openFileStore } from '../../src/store/file/open.ts';
import { verifyDirectory } from '../../src/store/file/verify-directory.ts';
import type { CommitPrune } from '../../src/store/store.ts';
import { type Dice, ModelDisk, seededDice } from './model-disk.ts';
import { TestWriter } from './writer.ts';

const DIRECTORY = '/model/audit-log';
const CHANGES = new Set(
  'create mkdir rename link unlink syncDirectory write truncate datasync sync'.split(' '),
);

const temporary: string[] = [];
afterEach(async () => {
  for (const path of temporary.splice(0)) await rm(path, { recursive: true, force: true });
});

function open(disk: ModelDisk): Promise<FileStore> {
  return openFileStore({
    directory: DIRECTORY,
    origin: 'test.example/prune-crash',
    disk,
    tryLock: async () => async () => {},
    onKeyCreated: () => {},
  });
}

/** What verification says of the files as they lie there, before anything puts them right. */
async function verifyFiles(disk: ModelDisk, key: VerifierKey) {
  const root = await mkdtemp(join(tmpdir(), 'audit-prune-crash-'));
  temporary.push(root);
  for (const [path, bytes] of disk.files()) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), bytes);
  }
  return verifyDirectory(join(root, DIRECTORY), { keys: [key] });
}

/** Three segments with entries to be kept in each, and a fourth that is active. */
async function filled(disk: ModelDisk): Promise<{ store: FileStore; writer: TestWriter }> {
  const store = await open(disk);
  const writer = await TestWriter.over(store, store.signer);
  for (let segment = 0; segment < 4; segment++) {
    const [first, ...rest] = Array.from({ length: 300 }, (_, n) =>
      n === 7 || n === 290 ? { type: 'log.gap', data: '{"reasons":{"queue-full":1}}' } : {},
    );
    if (segment === 0) await writer.append([{ type: 'log.create' }, ...rest]);
    else await writer.append([{ type: 'log.rotate' }, first!, ...rest], { startsSegment: true });
    await writer.append([{ operation: 'more' }]);
    await writer.append([{ operation: 'more' }]);
  }
  await until(async () => (await store.segments()).filter(({ name }) => name.endsWith('.gz')).length === 3);
  return { store, writer };
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 2));
}

function committing(writer: TestWriter): CommitPrune {
  return async ({ from, to, root, kept }) => {
    const { count, sha256 } = kept;
    const data = `{"from":${from},"kept":{"count":${count},"sha256":"${sha256}"},"policy":{},"root":"${hashToBase64(root)}","to":${to}}`;
    await writer.append([{ type: 'log.prune', data }]);
  };
}

/** The segments there, and the SHA-256 of what is kept. */
async function stateOf(store: FileStore, disk: ModelDisk) {
  const kept = disk.files().get(`${DIRECTORY}/kept.jsonl`);
  const sha256 = kept && createHash('sha256').update(kept).digest('hex');
  return { firsts: (await store.segments()).map(({ first }) => first), sha256 };
}

describe('a power cut before every operation of a prune', () => {
  const fates: [string, (seed: number) => Dice][] = [
    ['nothing unsynced survives', () => () => 0],
    ['everything survives', () => () => 0.99],
    ['some of it survives', seededDice],
    ['other of it survives', (seed) => seededDice(seed + 1_000)],
  ];

  test.each(fates)(
    'leaves the log as it was, or pruned, where %s',
    async (_, diceOf) => {
      const disk = new ModelDisk();
      const { store, writer } = await filled(disk);
      const before = await stateOf(store, disk);
      const third = before.firsts[2]!;
      let sha256 = '';
      const after: string[] = [];

      const crash = async (operation: string) => {
        const lost = disk.crashed(diceOf(after.length));
        const raw = await verifyFiles(lost, store.signer.key);
        expect(raw.verdict, `${operation}: ${JSON.stringify(raw.findings)}`).toBe('intact');
        const again = await open(lost);
        const appender = await TestWriter.over(again, again.signer);
        const state = await stateOf(again, lost);
        const pruned = state.firsts[0] === third;
        if (pruned) expect(state, operation).toEqual({ firsts: before.firsts.slice(2), sha256 });
        else expect(state, operation).toEqual(before);
        await appender.append([{ type: 'log.recover' }]);
        await again.close();
        const report = await verifyFiles(lost, store.signer.key);
        expect(report.verdict, `${operation}: ${JSON.stringify(report.findings)}`).toBe('intact');
        after.push(`${operation} ${pruned ? 'pruned' : 'as it was'}`);
      };

      let turn = Promise.resolve();
      disk.before = ({ name, path }) => {
        if (!CHANGES.has(name)) return;
        turn = turn.then(() => crash(`${name} ${path.slice(DIRECTORY.length)}`));
        return turn;
      };
      const commit = committing(writer);
      await store.prune(third, async (plan) => {
        sha256 = plan.kept.sha256;
        await commit(plan);
      });
      disk.before = () => {};
      await turn;
      expect((await stateOf(store, disk)).sha256).toBe(sha256);
      expect((await verifyFiles(disk, store.signer.key)).verdict).toBe('intact');
      await store.close();
      // The tree is durable before anything says that the entries may go.
      const first = after.findIndex((line) => line.startsWith('write /entries'));
      for (const level of [0, 1]) {
        expect(after.slice(0, first)).toContain(`datasync /tree/${level} as it was`);
      }
      expect(operationsOf(after)).toEqual([
        ...['write /entries/0000000000000908.jsonl', 'write /tree/0'],
        ...['datasync /entries/0000000000000908.jsonl', 'write /commit', 'datasync /commit'],
        ...['unlink /kept.jsonl.tmp', 'create /kept.jsonl.tmp', 'write /kept.jsonl.tmp'],
        ...['sync /kept.jsonl.tmp', 'rename /kept.jsonl', 'syncDirectory '],
        ...['unlink /entries/0000000000000000.jsonl.gz', 'syncDirectory /entries'],
        ...['unlink /entries/0000000000000302.jsonl.gz', 'syncDirectory /entries'],
      ]);
      expect(after.at(-1)).toMatch(/ pruned$/);
      expect(after[0]).toMatch(/ as it was$/);
    },
    600_000,
  );
});

/** The system calls of a prune in their order, without those of the marks, which a timer writes beside it. */
function operationsOf(after: readonly string[]): string[] {
  const calls = after.map((line) => line.split(' ').slice(0, 2).join(' '));
  return calls.filter((call) => !/checkpoint|private|datasync .tree/.test(call));
}

test('a prune that fails after it was recorded is finished by the next one', async () => {
  const disk = new ModelDisk();
  const { store, writer } = await filled(disk);
  const { firsts } = await stateOf(store, disk);
  disk.before = ({ name, path }) => {
    if (name === 'rename' && path.endsWith('kept.jsonl')) {
      throw Object.assign(new Error('EIO: rename'), { code: 'EIO', syscall: 'rename' });
    }
  };
  await expect(store.prune(firsts[2]!, committing(writer))).rejects.toMatchObject({ code: 'STORE_IO' });
  disk.before = () => {};
  expect((await verifyFiles(disk, store.signer.key)).verdict).toBe('intact');
  // Less is asked for, but more was recorded.
  expect((await store.prune(firsts[1]!, committing(writer))).to).toBe(firsts[2]);
  expect((await stateOf(store, disk)).firsts).toEqual(firsts.slice(2));
  expect((await verifyFiles(disk, store.signer.key)).verdict).toBe('intact');
  await store.close();
});
