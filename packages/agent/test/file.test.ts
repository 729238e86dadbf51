import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { appendFile, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auditFile } from '@audit/agent';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { entriesOf, onlyEntry, withLog } from './support/log.ts';

const sha256 = (text: string | Uint8Array) => createHash('sha256').update(text).digest('hex');
const TYPE = 'file.access';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'audit-agent-'));
});
afterAll(() => rm(folder, { recursive: true }));

it('a file that is read is on record with its hash', async () => {
  const path = join(folder, 'read.txt');
  await writeFile(path, 'six\n');
  await withLog(async (log) => {
    expect(await auditFile(path, (file) => readFile(file, 'utf8'), { log })).toBe('six\n');
    const entry = await onlyEntry(log, TYPE);
    expect(entry).toMatchObject({
      outcome: 'success',
      operation: 'read',
      resource: { type: 'file', id: path },
    });
    expect(entry.data).toEqual({ path, mode: 'read', bytes: 4, hashBefore: sha256('six\n'), existed: true });
  });
});

it('a file that is changed, made or removed is on record with what it was and what it is', async () => {
  const path = join(folder, 'changed.txt');
  await withLog(async (log) => {
    await auditFile(path, (file) => writeFile(file, 'one'), { log, mode: 'create' });
    await auditFile(path, (file) => appendFile(file, 'two'), { log, mode: 'append', onFailure: 'strict' });
    await auditFile(path, (file) => rm(file), { log, mode: 'delete' });
    const entries = (await entriesOf(log, TYPE)).map(({ data }) => data);
    const [one, onetwo] = [sha256('one'), sha256('onetwo')];
    expect(entries).toEqual([
      { path, mode: 'create', bytes: 3, hashAfter: one, existed: false, exists: true },
      { path, mode: 'append', phase: 'started' },
      {
        ...{ path, mode: 'append', phase: 'finished' },
        ...{ bytes: 6, hashBefore: one, hashAfter: onetwo, existed: true, exists: true },
      },
      { path, mode: 'delete', bytes: 0, hashBefore: onetwo, existed: true, exists: false },
    ]);
  });
});

it('a change that fails half way is a failure, with what it has left', async () => {
  const path = join(folder, 'half.txt');
  await writeFile(path, 'before');
  await withLog(async (log) => {
    const failed = auditFile(
      path,
      async (file) => {
        await writeFile(file, 'half');
        throw new Error('power is gone');
      },
      { log, mode: 'write' },
    );
    await expect(failed).rejects.toThrow('power is gone');
    const { outcome, data } = await onlyEntry(log, TYPE);
    expect([outcome, data.hashBefore, data.hashAfter]).toEqual(['failure', sha256('before'), sha256('half')]);
  });
});

it('a file that is not there, or that may not be read, is on record, too', async () => {
  await withLog(async (log) => {
    const reading = auditFile(join(folder, 'none'), (file) => readFile(file), { log });
    await expect(reading).rejects.toMatchObject({ code: 'ENOENT' });
    const refuse = () => Promise.reject(Object.assign(new Error('no'), { code: 'EACCES' }));
    await expect(auditFile(join(folder, 'none'), refuse, { log })).rejects.toThrow('no');
    const [missing, refused] = await entriesOf(log, TYPE);
    expect([missing?.outcome, missing?.data?.existed, refused?.outcome]).toEqual([
      'failure',
      false,
      'denied',
    ]);
  });
});

it('a big file is read in pieces; one beyond the limit is not read, and its size is told', async () => {
  const path = join(folder, 'big');
  const sum = createHash('sha256');
  const stream = createWriteStream(path);
  const piece = Buffer.alloc(1_000_000, 'x');
  for (let i = 0; i < 300; i++) {
    sum.update(piece);
    if (!stream.write(piece)) await once(stream, 'drain');
  }
  stream.end();
  await once(stream, 'close');
  await withLog(async (log) => {
    const before = process.memoryUsage().rss;
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage().rss - before);
    }, 5);
    await auditFile(path, () => {}, { log });
    clearInterval(watch);
    await auditFile(path, () => {}, { log, hashed: 1_000_000 });
    const [whole, size] = await entriesOf(log, TYPE);
    expect(whole?.data).toMatchObject({ bytes: 300_000_000, hashBefore: sum.digest('hex') });
    expect(size?.data).toEqual({ path, mode: 'read', bytes: 300_000_000, existed: true });
    expect(most).toBeLessThan(150_000_000);
  });
});

it('what is no plain file is not read', async () => {
  await withLog(async (log) => {
    const endless = '/dev/zero';
    const value = await auditFile(
      endless,
      async (file) => {
        const device = await open(file);
        await device.close();
        return 'opened';
      },
      { log },
    );
    expect(value).toBe('opened');
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    await auditFile(pipe, () => 1, { log });
    for (const { data } of await entriesOf(log, TYPE)) expect(data).not.toHaveProperty('hashBefore');
  });
});

it.runIf(process.platform === 'linux')(
  'a file that is longer than it says is read no further than allowed',
  async () => {
    await withLog(async (log) => {
      await auditFile('/proc/self/status', () => {}, { log, hashed: 10 });
      const { data } = await onlyEntry(log, TYPE);
      expect(data).not.toHaveProperty('hashBefore');
      expect(data.bytes).toBeGreaterThan(10);
    });
  },
);

it('what is no option, or not of its type, is refused by name', async () => {
  await withLog(async (log) => {
    await expect(auditFile('', () => 1, { log })).rejects.toThrow(/options\.path must be a text/);
    await expect(auditFile('x', () => 1, { log, mode: 'look' as never })).rejects.toThrow(
      /options\.mode must be one of read/,
    );
    await expect(auditFile('x', 7 as never, { log })).rejects.toThrow(/a path and a function/);
  });
});
