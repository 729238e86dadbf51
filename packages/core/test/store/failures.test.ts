import { execFileSync } from 'node:child_process';
import { cp, mkdtemp, readFile, rename, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Disk, DiskFile } from '../../src/store/file/disk.ts';
import type { FileStore } from '../../src/store/file/file-store.ts';
import { nodeDisk } from '../../src/store/file/node-disk.ts';
import { NotesFile } from '../../src/store/file/notes-file.ts';
import { openFileStore } from '../../src/store/file/open.ts';
import { encodeSlot, SLOT_BYTES } from '../../src/store/file/slot.ts';
import { verifyDirectory } from '../../src/store/file/verify-directory.ts';
import { TestWriter } from './writer.ts';

let root: string;
let directory: string;
const stores: FileStore[] = [];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'audit-failures-'));
  directory = join(root, 'log');
});

afterEach(async () => {
  for (const store of stores.splice(0)) await store.close().catch(() => {});
  await rm(root, { recursive: true, force: true });
});

/** The machine's disk, of which one kind of call on one file fails as long as it is told to. */
function failing(): {
  disk: Disk;
  calls: string[];
  fail: (call: string, times: number, code?: string) => void;
} {
  const faults = new Map<string, { times: number; code: string }>();
  const calls: string[] = [];
  const around = async <T>(call: string, path: string, run: () => Promise<T>): Promise<T> => {
    const name = `${call} ${path.slice(path.lastIndexOf('/') + 1)}`;
    calls.push(name);
    const fault = faults.get(name);
    if (fault !== undefined && fault.times-- > 0)
      throw Object.assign(new Error(`${fault.code}: ${name}`), { code: fault.code });
    return run();
  };
  const wrap = (file: DiskFile, path: string): DiskFile => ({
    write: (data, position) => around('write', path, () => file.write(data, position)),
    read: (position, length) => file.read(position, length),
    size: () => file.size(),
    isCurrent: () => file.isCurrent(),
    truncate: (size) => around('truncate', path, () => file.truncate(size)),
    datasync: () => around('datasync', path, () => file.datasync()),
    sync: () => around('sync', path, () => file.sync()),
    close: () => file.close(),
  });
  const disk: Disk = {
    ...nodeDisk,
    open: async (path) => {
      const file = await nodeDisk.open(path);
      return file && wrap(file, path);
    },
    create: async (path, mode) => wrap(await around('create', path, () => nodeDisk.create(path, mode)), path),
  };
  return { disk, calls, fail: (call, times, code = 'EIO') => faults.set(call, { times, code }) };
}

async function open(disk: Disk = nodeDisk): Promise<FileStore> {
  const store = await openFileStore({
    directory,
    origin: 'test.example/failures',
    lockTimeout: 0,
    onKeyCreated: () => {},
    disk,
  });
  stores.push(store);
  return store;
}

async function verified(store: FileStore): Promise<void> {
  await store.close();
  const report = await verifyDirectory(directory, { keys: [store.signer.key] });
  expect(report.verdict, JSON.stringify(report.findings)).toBe('intact');
}

const SEGMENT = '0000000000000000.jsonl';

test('the data is synced before the slot, and the slot before the append resolves', async () => {
  const { disk, calls } = failing();
  const store = await open(disk);
  const writer = await TestWriter.over(store, store.signer);
  calls.length = 0;
  await writer.append([{}]).then(() => calls.push('acknowledged'));
  expect(calls.filter((call) => !/^(write|create) 0$/.test(call))).toEqual([
    `write ${SEGMENT}`,
    `datasync ${SEGMENT}`,
    'write commit',
    'datasync commit',
    'acknowledged',
  ]);
  await verified(store);
});

describe('before a batch is signed', () => {
  test.each(['write', 'datasync'])(
    'a failed %s of the segment: nothing stands, the segment is cut, the log goes on',
    async (call) => {
      const { disk, fail } = failing();
      const store = await open(disk);
      const writer = await TestWriter.over(store, store.signer);
      await writer.append([{ operation: 'stands' }]);
      const size = (await stat(join(directory, 'entries', SEGMENT))).size;

      fail(`${call} ${SEGMENT}`, 1);
      const sealed: number[] = [];
      const lost = await TestWriter.over(store, store.signer);
      const failed = store.append(1, lost.batch([{ operation: 'fails' }]), async (n) => {
        sealed.push(n);
        return '';
      });
      const behind = store.append(
        2,
        lost.batch([{ operation: 'sent before that was known' }]),
        async () => '',
      );
      await expect(failed).rejects.toMatchObject({ code: 'STORE_IO' });
      await expect(behind).rejects.toMatchObject({ code: 'STORE_IO' });
      expect(sealed).toEqual([]);

      const again = await TestWriter.over(store, store.signer);
      expect(again.size).toBe(1);
      expect((await stat(join(directory, 'entries', SEGMENT))).size).toBe(size);
      await again.append([{ operation: 'goes on' }]);
      await verified(store);
    },
  );

  test('a batch sent behind one that fails does not take the one before it along', async () => {
    const { disk, fail } = failing();
    const store = await open(disk);
    const writer = await TestWriter.over(store, store.signer);
    let seal = () => {};
    const sealing = new Promise<void>((resolve) => {
      seal = resolve;
    });
    let first: Promise<string> | undefined;
    await new Promise<void>((reached) => {
      first = store.append(0, writer.batch([{ operation: 'stands' }]), async (size, hash) => {
        reached();
        await sealing;
        return writer.seal(size, hash);
      });
    });
    fail(`datasync ${SEGMENT}`, 1);
    const second = store.append(1, writer.batch([{ operation: 'fails' }]), writer.seal);
    await expect(second).rejects.toMatchObject({ code: 'STORE_IO' });
    seal();
    await expect(first).resolves.toContain('test.example/failures\n1\n');
    const after = await TestWriter.over(store, store.signer);
    expect(after.size).toBe(1);
    await after.append([{}]);
    await verified(store);
  });

  test('a seal that fails leaves nothing behind', async () => {
    const store = await open();
    const writer = await TestWriter.over(store, store.signer);
    const batch = writer.batch([{}]);
    await expect(
      store.append(0, batch, async () => Promise.reject(new Error('no signature'))),
    ).rejects.toThrow();
    const again = await TestWriter.over(store, store.signer);
    expect(again.size).toBe(0);
    await again.append([{}, {}]);
    await verified(store);
  });

  test('a rotation that fails halfway is done again', async () => {
    const { disk, fail } = failing();
    const store = await open(disk);
    await (await TestWriter.over(store, store.signer)).append([{}]);
    fail('write 0000000000000001.jsonl', 1, 'ENOSPC');
    const writer = await TestWriter.over(store, store.signer);
    await expect(writer.append([{ type: 'log.rotate' }], { startsSegment: true })).rejects.toMatchObject({
      code: 'STORE_IO',
    });
    const again = await TestWriter.over(store, store.signer);
    await again.append([{ type: 'log.rotate' }], { startsSegment: true });
    await again.append([{}]);
    await verified(store);
  });
});

describe('after a batch is signed', () => {
  test('the same note is written again until its slot is synced', async () => {
    const { disk, fail, calls } = failing();
    const store = await open(disk);
    const writer = await TestWriter.over(store, store.signer);
    fail('datasync commit', 2);
    await writer.append([{}]);
    expect(calls.filter((call) => call === 'write commit')).toHaveLength(3);
    await writer.append([{}]);
    await verified(store);
  });

  test('a slot that can never be synced stops the log; nothing is cut and no rival root is signed', async () => {
    const { disk, fail } = failing();
    const store = await open(disk);
    const writer = await TestWriter.over(store, store.signer);
    await writer.append([{}]);
    fail('datasync commit', Number.POSITIVE_INFINITY);
    await expect(writer.append([{ operation: 'uncertain' }])).rejects.toMatchObject({
      code: 'COMMIT_UNCERTAIN',
    });
    await expect(writer.append([{}])).rejects.toMatchObject({ code: 'LOG_STOPPED' });
    await expect(store.head()).rejects.toMatchObject({ code: 'LOG_STOPPED' });
    expect(await readFile(join(directory, 'entries', SEGMENT), 'utf8')).toContain('uncertain');
    await store.close();
    const again = await open(); // here the page cache had told the truth: the signed batch stands
    expect((await again.head()).size).toBe(2);
    await verified(again);
  });
});

test.each([
  ['in the slot that was newest', 0],
  ['in the slot to be written', 1],
] as const)(
  'a slot that could not be written is not written over a commit of another, %s',
  async (_, slot) => {
    const { disk, fail } = failing();
    let others: Buffer | undefined;
    let failed = false;
    const store = await open({
      ...disk,
      open: async (path) => {
        if (failed && path.endsWith('commit')) {
          const commit = await readFile(path);
          commit.set(encodeSlot({ segment: SEGMENT, offset: 10_000, note: 'another’s' }), slot * SLOT_BYTES);
          await writeFile(path, commit);
          others = commit;
        }
        return disk.open(path);
      },
    });
    const writer = await TestWriter.over(store, store.signer);
    await writer.append([{}]);
    await writer.append([{}]); // lies in slot 0: the next goes to slot 1
    fail('datasync commit', 1);
    failed = true;
    await expect(writer.append([{}])).rejects.toMatchObject({ code: 'COMMIT_UNCERTAIN' });
    expect(await readFile(join(directory, 'commit'))).toEqual(others);
    await expect(store.head()).rejects.toMatchObject({ code: 'FENCED' });
  },
);

test('a kept checkpoint that failed halfway leaves nothing of its line behind', async () => {
  const { disk, fail } = failing();
  const path = join(root, 'checkpoints');
  const notes = await NotesFile.open(disk, path);
  await notes.append('first');
  fail('datasync checkpoints', 1);
  await expect(notes.append('a long one that fails')).rejects.toThrow('EIO');
  await notes.append('short');
  await notes.close();
  expect(await readFile(path, 'utf8')).toBe('"first"\n"short"\n');
});

describe('mending after a failure', () => {
  /** A store whose segment is to be cut: its last batch could not be synced. */
  async function broken(disk: Disk, fail: (call: string, times: number) => void): Promise<FileStore> {
    const store = await open(disk);
    const writer = await TestWriter.over(store, store.signer);
    await writer.append([{}]);
    fail(`datasync ${SEGMENT}`, 1);
    await expect(writer.append([{ operation: 'fails' }])).rejects.toMatchObject({ code: 'STORE_IO' });
    return store;
  }

  test('a writer that has lost the log cuts nothing off what the other one has acknowledged', async () => {
    const { disk, fail } = failing();
    const store = await broken(disk, fail);
    const other = await openFileStore({ directory, tryLock: async () => async () => {} });
    stores.push(other);
    await (await TestWriter.over(other, other.signer)).append([{ operation: 'acknowledged' }]);
    await expect(store.head()).rejects.toMatchObject({ code: 'FENCED' });
    await expect(store.head()).rejects.toMatchObject({ code: 'FENCED' });
    expect((await other.head()).size).toBe(2);
    await verified(other);
  });

  test('a store closed meanwhile lets go of the lock only afterwards', async () => {
    const { disk, fail } = failing();
    let reached = () => {};
    const mending = new Promise<void>((resolve) => {
      reached = resolve;
    });
    let go = () => {};
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    let gated = false;
    const slow: Disk = {
      ...disk,
      open: async (path) => {
        if (gated && path.endsWith(SEGMENT)) {
          reached();
          await gate;
        }
        return disk.open(path);
      },
    };
    const store = await broken(slow, fail);
    gated = true;
    const head = store.head().catch((error: unknown) => error);
    await mending;
    const closed = store.close();
    await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 100))]);
    await expect(open()).rejects.toMatchObject({ code: 'LOCKED' });
    go();
    await Promise.all([head, closed]);
    await verified(await open());
  });

  test('a store that is closed is not mended any more', async () => {
    const { disk, fail, calls } = failing();
    const store = await broken(disk, fail);
    await store.close();
    calls.length = 0;
    await expect(store.head()).rejects.toMatchObject({ code: 'LOG_CLOSED' });
    expect(calls).toEqual([]);
  });
});

describe('the fence', () => {
  test('a writer whose slots were changed by another stops for good', async () => {
    const store = await open();
    const writer = await TestWriter.over(store, store.signer);
    await writer.append([{}]);
    await cp(join(directory, 'commit'), join(root, 'commit.old'));
    await writer.append([{}]);
    await cp(join(root, 'commit.old'), join(directory, 'commit'));
    await expect(writer.append([{}])).rejects.toMatchObject({ code: 'FENCED' });
    await expect(store.head()).rejects.toMatchObject({ code: 'FENCED' });
  });

  test.each(['commit', `entries/${SEGMENT}`])(
    'a writer whose %s was removed or replaced does not go on writing to the old one',
    async (name) => {
      const store = await open();
      const writer = await TestWriter.over(store, store.signer);
      await writer.append([{}]);
      const path = join(directory, name);
      await cp(path, `${path}.copy`);
      await rename(`${path}.copy`, path);
      await expect(writer.append([{}])).rejects.toMatchObject({ code: 'FENCED' });
      await unlink(path);
    },
  );
});

test('a batch for another size than the log’s is a conflict', async () => {
  const store = await open();
  const writer = await TestWriter.over(store, store.signer);
  await writer.append([{}]);
  const rival = writer.batch([{}]);
  await expect(store.append(0, rival, writer.seal)).rejects.toMatchObject({ code: 'STORE_CONFLICT' });
  const after = await TestWriter.over(store, store.signer);
  expect(after.size).toBe(1);
  await after.append([{}]);
  await verified(store);
});

const canMount = (() => {
  try {
    execFileSync('unshare', ['--mount', 'true'], { stdio: 'ignore' });
    return process.getuid?.() === 0;
  } catch {
    return false;
  }
})();

test.skipIf(!canMount)(
  'a full disk (tmpfs of 1 MiB) fails what does not fit, and the log goes on once there is room',
  async () => {
    const mount = join(root, 'tiny');
    execFileSync('mkdir', [mount]);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', mount]);
    try {
      directory = join(mount, 'log');
      const store = await open();
      const ballast = join(mount, 'ballast');
      execFileSync('dd', ['if=/dev/zero', `of=${ballast}`, 'bs=1k', 'count=700'], { stdio: 'ignore' });
      let writer = await TestWriter.over(store, store.signer);
      let failure: unknown;
      for (let n = 0; n < 400 && failure === undefined; n++) {
        await writer.append([{ operation: 'z'.repeat(1000) }]).catch((error: unknown) => {
          failure = error;
        });
      }
      expect(failure).toMatchObject({ code: 'STORE_IO' });
      const { size } = await store.head().catch(() => ({ size: -1 }));
      await unlink(ballast);
      writer = await TestWriter.over(store, store.signer);
      if (size >= 0) expect(writer.size).toBe(size);
      await writer.append([{ operation: 'room again' }]);
      await verified(store);
    } finally {
      for (const store of stores.splice(0)) await store.close().catch(() => {});
      execFileSync('umount', [mount]);
    }
  },
);
