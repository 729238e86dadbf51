import {
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { nodeHasher } from '../../src/merkle/node-hasher.ts';
import type { Disk } from '../../src/store/file/disk.ts';
import type { FileStore } from '../../src/store/file/file-store.ts';
import { compressSegment } from '../../src/store/file/gzip-members.ts';
import { nodeDisk } from '../../src/store/file/node-disk.ts';
import { type FileStoreOptions, openFileStore } from '../../src/store/file/open.ts';
import { SLOT_BYTES } from '../../src/store/file/slot.ts';
import { verifyDirectory } from '../../src/store/file/verify-directory.ts';
import { type EntryFields, entryText, TestWriter } from './writer.ts';

// formats.md, *Open*: each row of its table, against real files.

let root: string;
let directory: string;
let state: string;
const opened: FileStore[] = [];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'audit-open-'));
  directory = join(root, 'log');
  state = `${directory}.private`;
});

afterEach(async () => {
  for (const store of opened.splice(0)) await store.close().catch(() => {});
  await rm(root, { recursive: true, force: true });
});

async function open(options: Partial<FileStoreOptions> = {}): Promise<FileStore> {
  const store = await openFileStore({
    directory,
    origin: 'test.example/open',
    lockTimeout: 0,
    onKeyCreated: () => {},
    ...options,
  });
  opened.push(store);
  return store;
}

/** A log of `commits` batches of one entry each, ended by `end`. */
async function logOf(commits: number, end: 'closed' | 'killed' = 'closed'): Promise<Record<string, string>> {
  const store = await open();
  const writer = await TestWriter.over(store, store.signer);
  for (let n = writer.size; n < commits; n++) await writer.append([{ operation: `operation ${n}` }]);
  if (end === 'closed') await writer.append([{ type: 'log.close' }]);
  await store.close(); // 'killed': nothing told the log that it ends, as after a kill
  return Object.fromEntries(writer.published);
}

async function damage(path: string, at: number, bytes: Uint8Array): Promise<void> {
  const content = await readFile(path);
  content.set(bytes, at);
  await writeFile(path, content);
}

const commit = () => join(directory, 'commit');
const segment = (first = 0) => join(directory, 'entries', `${String(first).padStart(16, '0')}.jsonl`);

/** Every file and its content: to see that a refusal writes nothing. `lock` only tells who was there last. */
async function snapshot(): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const folder of [directory, state]) {
    for (const name of (await readdir(folder, { recursive: true })).sort()) {
      const path = join(folder, name);
      if ((await stat(path)).isFile() && name !== 'lock')
        found[path] = (await readFile(path)).toString('base64');
    }
  }
  return found;
}

async function refuses(code: string, message: RegExp): Promise<void> {
  const before = await snapshot();
  await expect(open()).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  expect(await snapshot()).toEqual(before);
}

/** The log goes on and everything in it verifies. */
async function goesOn(
  store: FileStore,
  entries: readonly EntryFields[] = [{ type: 'log.recover' }],
): Promise<void> {
  const writer = await TestWriter.over(store, store.signer);
  await writer.append(entries);
  await store.opened.recoveryRecorded?.();
  await store.close();
  const report = await verifyDirectory(directory, { keys: [store.signer.key] });
  expect(report.verdict, JSON.stringify(report.findings)).toBe('intact');
  expect(report.findings.map(({ code }) => code)).not.toContain('tree-mismatch');
}

describe('where there is nothing', () => {
  test('a missing directory is created, readable by its owner alone', async () => {
    const store = await open();
    expect(store.opened).toMatchObject({ closedCleanly: true });
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    expect((await stat(state)).mode & 0o777).toBe(0o700);
    for (const path of [commit(), segment(), join(state, 'key.pem'), join(state, 'high-water')]) {
      expect((await stat(path)).mode & 0o777, path).toBe(0o600);
    }
    await goesOn(store, [{ type: 'log.create' }]);
  });

  test('an empty directory is a mount point, and the log is created in it', async () => {
    await mkdir(join(directory, 'lost+found'), { recursive: true });
    await goesOn(await open(), [{ type: 'log.create' }]);
  });

  test.each([
    ['whose parent is not there', () => join(root, 'none', 'log')],
    ['that is a file', () => join(root, 'file')],
  ])('a directory %s is refused in words that help', async (_, path) => {
    await writeFile(join(root, 'file'), 'somebody’s');
    await expect(open({ directory: path() })).rejects.toMatchObject({
      name: 'AuditError',
      code: 'STORE_IO',
      message: expect.stringContaining(`${path()} cannot be opened`),
    });
  });

  test('a directory with somebody’s files in it is left alone', async () => {
    await mkdir(directory);
    await writeFile(join(directory, 'thesis.txt'), 'mine');
    await expect(open()).rejects.toMatchObject({ code: 'OPTIONS_INVALID', message: /thesis\.txt/ });
    expect(await readdir(directory)).toEqual(['thesis.txt']);
  });

  test('entries without commit and high-water are not overwritten', async () => {
    await logOf(3);
    await unlink(commit());
    await rm(state, { recursive: true });
    await expect(open()).rejects.toMatchObject({ code: 'LOG_DAMAGED' });
    expect((await readFile(segment(), 'utf8')).split('\n')).toHaveLength(5);
  });

  test('a creation cut short before commit starts again with the same key', async () => {
    const first = await open();
    const { vkey } = first.signer.key;
    await first.close();
    await unlink(commit());
    await unlink(join(state, 'high-water'));
    const again = await open();
    expect(again.signer.key.vkey).toBe(vkey);
    await goesOn(again, [{ type: 'log.create' }]);
  });

  test('of two that create the same log at once one owns it, and both know the same key', async () => {
    const keys: string[] = [];
    const results = await Promise.allSettled(
      [1, 2].map(() => open({ onKeyCreated: (vkey) => keys.push(vkey) })),
    );
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(keys).toHaveLength(1);
  });

  test.each([
    ['its high-water is looked for', 'high-water'],
    ['its entries are', 'entries'],
  ])('a log another process makes while %s is opened, not taken for a lost one', async (_, name) => {
    let made = false;
    const meanwhile = async (path: string) => {
      if (made || !path.endsWith(name)) return;
      made = true;
      await logOf(2);
    };
    const disk: Disk = {
      ...nodeDisk,
      open: (path) => meanwhile(path).then(() => nodeDisk.open(path)),
      list: (path) => meanwhile(path).then(() => nodeDisk.list(path)),
    };
    const store = await open({ disk });
    expect(made).toBe(true);
    await goesOn(store, [{ type: 'log.open' }]);
  });

  test('a log that is gone is missing, not new', async () => {
    await logOf(2);
    await rm(directory, { recursive: true });
    await expect(open()).rejects.toMatchObject({ code: 'LOG_MISSING', message: /put it back/ });
  });
});

describe('the signing key', () => {
  test('a log without its key gets no other one', async () => {
    await logOf(2);
    await unlink(join(state, 'key.pem'));
    await refuses('KEY_MISSING', /restore the key/);
  });

  test('another key is refused', async () => {
    await logOf(2);
    await rm(join(root, 'other'), { recursive: true, force: true });
    const other = await open({ directory: join(root, 'other') });
    await other.close();
    await cp(join(root, 'other.private', 'key.pem'), join(state, 'key.pem'));
    await refuses('KEY_INVALID', /not the one that signs/);
  });

  test('another origin is refused', async () => {
    await logOf(2);
    await expect(open({ origin: 'test.example/other' })).rejects.toMatchObject({ code: 'OPTIONS_INVALID' });
  });
});

describe('one slot torn', () => {
  /** The slot holding the larger size, and the one to be damaged if the older is meant. */
  async function slotOf(which: 'newest' | 'older'): Promise<number> {
    const bytes = await readFile(commit());
    const sizes = [0, 1].map((slot) =>
      Number(
        /\n(\d+)\n[^\n]{43}=\n/.exec(
          bytes.toString('latin1', slot * SLOT_BYTES, (slot + 1) * SLOT_BYTES),
        )?.[1],
      ),
    );
    const newest = sizes[0]! > sizes[1]! ? 0 : 1;
    return (which === 'newest' ? newest : 1 - newest) * SLOT_BYTES;
  }
  const forget = () =>
    Promise.all([unlink(join(directory, 'checkpoint')), unlink(join(state, 'high-water'))]);

  test('the older slot: the newer counts, and recovery says so', async () => {
    await logOf(5, 'killed');
    await damage(commit(), (await slotOf('older')) + 700, Buffer.from('x'));
    const store = await open();
    expect((await store.head()).size).toBe(5);
    expect(store.opened.recovered).toMatchObject({ slotTorn: true });
    await goesOn(store);
  });

  test('the newest slot, torn while it was written: the other counts, what is past it goes to quarantine', async () => {
    await logOf(4, 'killed');
    const [checkpoint, highWater] = [
      await readFile(join(directory, 'checkpoint')),
      await readFile(join(state, 'high-water')),
    ];
    await logOf(5, 'killed'); // its commit, as a power cut leaves it: lines synced, slot torn, copies not yet renewed
    await writeFile(join(directory, 'checkpoint'), checkpoint);
    await writeFile(join(state, 'high-water'), highWater);
    await damage(commit(), (await slotOf('newest')) + 20, Buffer.from('torn'));
    const store = await open();
    expect((await store.head()).size).toBe(4);
    expect(store.opened.recovered).toMatchObject({
      slotTorn: true,
      quarantined: [expect.stringMatching(/^4-[0-9a-f]{64}$/)],
    });
    await goesOn(store);
  });

  test.each(['checkpoint', 'high-water', 'checkpoints'])(
    'refused where %s proves that the torn one was a commit',
    async (witness) => {
      await logOf(5, 'killed');
      const note = await readFile(join(directory, 'checkpoint'), 'utf8');
      if (witness !== 'checkpoint') await unlink(join(directory, 'checkpoint'));
      if (witness !== 'high-water') await unlink(join(state, 'high-water'));
      if (witness === 'checkpoints')
        await writeFile(join(directory, 'checkpoints'), `${JSON.stringify(note)}\n`);
      await damage(commit(), (await slotOf('newest')) + 20, Buffer.from('torn'));
      await refuses('LOG_DAMAGED', /acknowledged entries would be lost; restore commit/);
    },
  );

  test('refused where the log had been closed and nothing outside the slots says how far it went', async () => {
    await logOf(5, 'closed');
    await forget();
    await damage(commit(), (await slotOf('newest')) + 20, Buffer.from('torn'));
    await refuses('LOG_DAMAGED', /although the log was closed/);
  });

  test('both slots damaged: refused', async () => {
    await logOf(5);
    await damage(commit(), 20, Buffer.from('torn'));
    await damage(commit(), SLOT_BYTES + 20, Buffer.from('torn'));
    await refuses('LOG_DAMAGED', /both slots/);
  });

  test('a commit file set back to never written: refused', async () => {
    await logOf(5);
    await writeFile(commit(), new Uint8Array(2 * SLOT_BYTES));
    await refuses('LOG_ROLLED_BACK', /genuine checkpoint of 6/);
  });

  test('a slot whose note is not the key’s: refused', async () => {
    await logOf(3);
    const content = await readFile(commit());
    const at = await slotOf('newest');
    const slot = content.subarray(at, at + SLOT_BYTES);
    const note = slot.indexOf('\n4\n');
    slot.set(Buffer.from('\n9\n'), note);
    slot.write(nodeHasher.digest(slot.subarray(0, SLOT_BYTES - 32)), SLOT_BYTES - 32, 32, 'hex');
    await writeFile(commit(), content);
    await refuses('LOG_TAMPERED', /signature-invalid/);
  });
});

describe('what lies past the commit', () => {
  const leftovers: [string, () => Promise<Uint8Array>][] = [
    ['NULs', async () => new Uint8Array(5000)],
    ['half a line', async () => Buffer.from('{"category":"aud')],
    [
      'whole lines',
      async () => Buffer.from(`${entryText(4, 'f'.repeat(64))}\n${entryText(5, 'e'.repeat(64))}\n`),
    ],
  ];
  test.each(leftovers)('%s: kept in quarantine, named by recovery, never signed', async (_, make) => {
    await logOf(4, 'killed');
    const extra = await make();
    const before = await readFile(segment());
    await writeFile(segment(), Buffer.concat([before, extra]));
    const store = await open();
    const { quarantined } = store.opened.recovered as { quarantined: string[] };
    expect(quarantined).toHaveLength(1);
    expect(await readFile(segment())).toEqual(before);
    expect(await readdir(join(directory, 'quarantine'))).toEqual([`${quarantined[0]}.new`]);
    await goesOn(store);
    expect(await readFile(join(directory, 'quarantine', quarantined[0]!))).toEqual(Buffer.from(extra));
  });

  test('what a recovery could not report yet is reported by the next one', async () => {
    await logOf(4, 'killed');
    await writeFile(segment(), Buffer.concat([await readFile(segment()), Buffer.from('leftover')]));
    const first = await open();
    const told = first.opened.recovered;
    await first.close(); // before its log.recover was committed
    const second = await open();
    expect(second.opened.recovered).toEqual(told);
    await goesOn(second);
  });

  test('a whole segment: quarantined and removed', async () => {
    await logOf(4, 'killed');
    await writeFile(segment(4), `${entryText(4, 'f'.repeat(64), { type: 'log.rotate' })}\n`);
    const store = await open();
    expect(store.opened.recovered).toMatchObject({ quarantined: [expect.stringMatching(/^4-/)] });
    await goesOn(store);
    expect(await readdir(join(directory, 'entries'))).toEqual(['0000000000000000.jsonl']);
  });

  test('an empty segment of a rotation cut short: removed, and the rotation is done again', async () => {
    await logOf(4, 'killed');
    await writeFile(segment(4), '');
    const store = await open();
    const writer = await TestWriter.over(store, store.signer);
    await writer.append([{ type: 'log.rotate' }], { startsSegment: true });
    await goesOn(store);
    expect(await readdir(join(directory, 'entries'))).toContain('0000000000000004.jsonl');
  });
});

test('a log that did not end in log.close is told to have been recovered, one that did is not', async () => {
  await logOf(3, 'killed');
  const killed = await open();
  expect(killed.opened).toMatchObject({ closedCleanly: false, recovered: {} });
  await goesOn(killed, [{ type: 'log.close' }]);
  const closed = await open();
  expect(closed.opened.closedCleanly).toBe(true);
  expect(closed.opened.recovered).toBeUndefined();
});

describe('tree/', () => {
  const cases: [string, () => Promise<void>][] = [
    ['missing', () => rm(join(directory, 'tree'), { recursive: true })],
    ['short', () => truncate(join(directory, 'tree', '0'), 32 * 100 + 7)],
    [
      'long',
      async () =>
        writeFile(
          join(directory, 'tree', '0'),
          Buffer.concat([await readFile(join(directory, 'tree', '0')), Buffer.alloc(320, 1)]),
        ),
    ],
    ['wrong at the edge', () => damage(join(directory, 'tree', '0'), 32 * 290, Buffer.from('wrong'))],
  ];
  test.each(cases)('%s: rebuilt from the entries', async (_, break_) => {
    await logOf(300);
    await break_();
    const store = await open();
    await goesOn(store, [{ type: 'log.open' }]);
  });
});

test('a hole in tree/ left by a power cut between log.close and the last sync is filled from the entries', async () => {
  await (await open()).close();
  const mark = await readFile(join(state, 'high-water'));
  await logOf(300);
  // What closing does once log.close is committed was not done: tree/ synced, then both marks written.
  await writeFile(join(state, 'high-water'), mark);
  await unlink(join(directory, 'checkpoint'));
  const leaves = join(directory, 'tree', '0');
  const whole = await readFile(leaves);
  await damage(leaves, 32 * 10, Buffer.alloc(32)); // not where the root is folded from
  const store = await open();
  expect(await readFile(leaves)).toEqual(whole);
  await goesOn(store, [{ type: 'log.open' }]);
});

describe('entries that contradict the newest note', () => {
  test('one changed in the last tile: refused', async () => {
    await logOf(300);
    const at = (await readFile(segment())).indexOf('operation 280');
    await damage(segment(), at, Buffer.from('0peration'));
    await refuses('LOG_TAMPERED', /entry-modified: entry 280/);
  });

  test('one changed and tree/ removed: refused', async () => {
    await logOf(300);
    await damage(segment(), (await readFile(segment())).indexOf('operation 10'), Buffer.from('0peration'));
    await rm(join(directory, 'tree'), { recursive: true });
    await refuses('LOG_TAMPERED', /do not fold to the root/);
  });

  test('cut short: refused', async () => {
    await logOf(20);
    await truncate(segment(), (await stat(segment())).size - 40);
    await refuses('LOG_TAMPERED', /truncated/);
  });

  test('the segment gone: refused', async () => {
    await logOf(20);
    await unlink(segment());
    await refuses('LOG_TAMPERED', /entry-missing/);
  });

  test('a format version from the future: refused', async () => {
    const store = await open();
    const writer = await TestWriter.over(store, store.signer);
    const batch = writer.batch([{}]);
    const text = batch.entries[0]!.replace('"v":1}', '"v":2}');
    const leaf = nodeHasher.leaf(text);
    await store.append(0, { ...batch, entries: [text], leaves: [leaf], root: leaf }, writer.seal);
    await store.close();
    await refuses('LOG_VERSION', /format version 2/);
  });
});

describe('an older state put back', () => {
  test('is refused as rolled back', async () => {
    await logOf(3);
    await cp(directory, join(root, 'old'), { recursive: true });
    await logOf(8);
    await rm(directory, { recursive: true });
    await cp(join(root, 'old'), directory, { recursive: true });
    await refuses('LOG_ROLLED_BACK', /older state/);
  });

  test('is refused where it went on by itself and its history differs', async () => {
    await logOf(3);
    await cp(directory, join(root, 'old'), { recursive: true });
    await logOf(8);
    const highWater = await readFile(join(state, 'high-water'));
    await rm(directory, { recursive: true });
    await cp(join(root, 'old'), directory, { recursive: true });
    await unlink(join(state, 'high-water'));
    const store = await open();
    const writer = await TestWriter.over(store, store.signer);
    for (let n = 0; n < 12; n++) await writer.append([{ operation: `another history ${n}` }]);
    await store.close();
    await writeFile(join(state, 'high-water'), highWater);
    await refuses('LOG_ROLLED_BACK', /history was replaced/);
  });

  test('without a high-water file is not noticed, and the store warns of that', async () => {
    await logOf(3);
    await unlink(join(state, 'high-water'));
    const store = await open();
    expect(store.warnings()).toEqual([expect.stringMatching(/no high-water/)]);
    await goesOn(store, [{ type: 'log.open' }]);
    await writeFile(join(state, 'high-water'), '{"origin":');
    expect((await open()).warnings()).toEqual([expect.stringMatching(/not a high-water file/)]);
  });
});

describe('leftovers', () => {
  /** A log of two segments, the first not yet compressed. */
  async function rotated(): Promise<Buffer> {
    const store = await open();
    const writer = await TestWriter.over(store, store.signer);
    await writer.append([{ type: 'log.create' }, ...Array.from({ length: 599 }, () => ({}))]);
    await writer.append([{ type: 'log.rotate' }], { startsSegment: true });
    await store.close();
    return readFile(segment());
  }
  async function sealed(plain: Uint8Array): Promise<Buffer> {
    const members: Uint8Array[] = [];
    const chunks = (async function* () {
      yield plain;
    })();
    for await (const member of compressSegment(chunks, 0)) members.push(member);
    return Buffer.concat(members);
  }
  const names = () => readdir(join(directory, 'entries'));

  test('a segment in both forms, the same: the plain one goes', async () => {
    const plain = await rotated();
    await writeFile(`${segment()}.gz`, await sealed(plain));
    const store = await open();
    expect(await names()).toEqual(['0000000000000000.jsonl.gz', '0000000000000600.jsonl']);
    await goesOn(store);
  });

  test('a segment in both forms, the sealed one damaged: the plain one stays', async () => {
    const plain = await rotated();
    const gz = await sealed(plain);
    gz[gz.length - 5]! ^= 1;
    await writeFile(`${segment()}.gz`, gz);
    const store = await open();
    expect(await readFile(segment())).toEqual(plain);
    await goesOn(store);
  });

  test('a prune cut short after its entry was committed: finished', async () => {
    await rotated(); // entries 0 to 599, then a segment from 600 on
    const store = await open();
    const writer = await TestWriter.over(store, store.signer);
    await writer.append([{ type: 'log.prune', data: '{"from":0,"to":600}' }, {}]);
    await store.close(); // the machine stops here: no segment was removed yet
    const again = await open();
    expect(await names()).toEqual(['0000000000000600.jsonl']);
    const kept: number[] = [];
    for await (const { seq } of again.entries(0, 1_000)) kept.push(seq);
    expect(kept).toEqual([600, 601, 602]);
    expect((await again.hashes(0, 0, 600)).length).toBe(600);
    await goesOn(again);
    expect(await readFile(join(directory, 'kept.jsonl'), 'utf8')).toContain('"type":"log.create"');
    await goesOn(await open());
    expect((await readFile(join(directory, 'kept.jsonl'), 'utf8')).split('\n')).toHaveLength(2);
  });

  test('temporary files: removed', async () => {
    await rotated();
    const paths = [
      `${segment()}.gz.tmp`,
      join(directory, 'checkpoint.tmp'),
      join(state, 'high-water.tmp'),
      join(directory, 'quarantine', '4.tmp'),
    ];
    for (const path of paths) await writeFile(path, 'half');
    const store = await open();
    for (const path of paths) await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
    await goesOn(store);
  });

  test('a torn last line in checkpoints: cut, the notes before it stay', async () => {
    await rotated();
    const path = join(directory, 'checkpoints');
    const before = await readFile(path, 'utf8');
    expect(before.split('\n')).toHaveLength(2);
    await writeFile(path, `${before}"test.example/op`);
    const store = await open();
    expect(await readFile(path, 'utf8')).toBe(before);
    await goesOn(store);
  });

  test('a finished segment is sealed once both slots name a later one', async () => {
    const plain = await rotated();
    const store = await open();
    const writer = await TestWriter.over(store, store.signer);
    await writer.append([{}]);
    await writer.append([{}]);
    await expect.poll(names).toEqual(['0000000000000000.jsonl.gz', '0000000000000600.jsonl']);
    const texts: string[] = [];
    for await (const { text } of store.entries(0, 600)) texts.push(`${text}\n`);
    expect(Buffer.from(texts.join(''))).toEqual(plain);
    await goesOn(store);
  });

  test('a reader on its way to the active segment reads it, too, where it was sealed meanwhile', async () => {
    await rotated();
    const store = await open();
    const writer = await TestWriter.over(store, store.signer);
    const size = writer.size;
    const seqs: number[] = [];
    for await (const { seq, text } of store.entries(0, size)) {
      expect(JSON.parse(text)).toMatchObject({ seq });
      seqs.push(seq);
      if (seq !== 0) continue;
      await writer.append([{ type: 'log.rotate' }], { startsSegment: true });
      await writer.append([{}]);
      await expect
        .poll(async () => (await names()).slice(0, -1).every((name) => name.endsWith('.gz')))
        .toBe(true);
    }
    expect(seqs).toEqual(Array.from({ length: size }, (_, seq) => seq));
    await goesOn(store);
  });
});
