// The read-only view of a directory, on logs written by the real writer: live, closed, rotated, compressed.
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openAuditLog } from '../../src/log/open.ts';
import type { AuditLogOptions } from '../../src/log/options.ts';
import { openLogReader } from '../../src/store/file/reader.ts';

let folder: string;
let directory: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'audit-reader-'));
  directory = join(folder, 'log');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const event = (n: number) => ({
  type: 'data.update',
  operation: `update ${n}`,
  resource: { type: 'order', id: String(n) },
  outcome: 'success' as const,
  data: { text: 'ä'.repeat(n % 50) },
});

function openLog(options: Partial<AuditLogOptions> = {}) {
  return openAuditLog({ directory, origin: 'reader.example/log', onKeyCreated() {}, ...options });
}

async function record(log: Awaited<ReturnType<typeof openLog>>, count: number) {
  await Promise.all(Array.from({ length: count }, (_, n) => log.record(event(n))));
}

async function seqs(reader: Awaited<ReturnType<typeof openLogReader>>, from: number, to?: number) {
  const found: number[] = [];
  for await (const { seq, text } of reader.entries(from, to)) {
    expect((JSON.parse(text) as { seq: number }).seq).toBe(seq);
    found.push(seq);
  }
  return found;
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

describe('openLogReader', () => {
  it('reads a live log as far as it is signed, and what is added later', async () => {
    await using log = await openLog();
    await record(log, 20);
    const reader = await openLogReader(directory);
    const { size } = log.info();
    expect(await reader.head()).toMatchObject({
      origin: 'reader.example/log',
      size,
      note: log.info().checkpoint,
    });
    expect(await seqs(reader, 0)).toEqual(range(0, size));
    await record(log, 5);
    expect(await seqs(reader, size)).toEqual(range(size, size + 5));
    expect((await log.verify()).verdict).toBe('intact');
  });

  it('finds any entry from the start, from the end and from where it last stopped', async () => {
    await using log = await openLog();
    await record(log, 700);
    const { size } = log.info();
    for (const from of [0, 1, 349, 350, 351, size - 2, size - 1]) {
      const reader = await openLogReader(directory);
      expect(await seqs(reader, from, from + 3)).toEqual(range(from, Math.min(size, from + 3)));
      // Forward from the cursor, then back before it.
      expect(await seqs(reader, Math.min(from + 3, size - 1), size)).toEqual(
        range(Math.min(from + 3, size - 1), size),
      );
      expect(await seqs(reader, Math.max(0, from - 5), from)).toEqual(range(Math.max(0, from - 5), from));
    }
    expect((await log.verify()).verdict).toBe('intact');
  });

  it('reads across segments, compressed or not', async () => {
    const log = await openLog({ segmentBytes: 64 * 1024 });
    const names = () => readdir(join(directory, 'entries'));
    for (let batch = 0; batch < 8; batch++) await record(log, 200);
    // Segments are compressed in the background.
    while (!(await names()).some((name) => name.endsWith('.gz'))) await record(log, 1);
    await log.close();
    const { size } = log.info();
    expect((await names()).length).toBeGreaterThan(3);
    const reader = await openLogReader(directory);
    expect(await seqs(reader, 0)).toEqual(range(0, size));
    for (const from of [0, 255, 256, 257, 700, size - 1]) {
      expect(await seqs(reader, from, from + 300)).toEqual(range(from, Math.min(size, from + 300)));
    }
    expect((await log.verify()).verdict).toBe('intact');
  });

  it('reads on where segments are compressed while it reads', async () => {
    await using log = await openLog({ segmentBytes: 20_000 });
    await record(log, 60);
    await record(log, 20); // in a segment of their own
    const reader = await openLogReader(directory);
    const { size } = log.info();
    const found: number[] = [];
    const sealed = async () => {
      const names = (await readdir(join(directory, 'entries'))).sort();
      return names.every((name, index) => name.endsWith('.gz') === index < names.length - 1);
    };
    for await (const { seq, text } of reader.entries(0)) {
      expect((JSON.parse(text) as { seq: number }).seq).toBe(seq);
      found.push(seq);
      if (seq > 0) continue;
      for (let batch = 0; batch < 4; batch++) await record(log, 60);
      for (let commit = 0; commit < 3; commit++) await record(log, 1); // both slots leave the last but one behind
      await expect.poll(sealed, { timeout: 20_000 }).toBe(true);
    }
    expect(found).toEqual(range(0, size));
    expect((await log.verify()).verdict).toBe('intact');
  });

  it('does not show what was appended without a signature', async () => {
    const log = await openLog();
    await record(log, 3);
    await log.close();
    const { size } = log.info();
    const active = join(directory, 'entries', '0000000000000000.jsonl');
    await appendFile(active, `{"seq":${size},"forged":true}\n`);
    expect(await seqs(await openLogReader(directory), 0)).toEqual(range(0, size));
  });

  it('gives the hashes that prove an entry', async () => {
    await using log = await openLog();
    await record(log, 300);
    const reader = await openLogReader(directory);
    expect(await reader.hashes(0, 0, 300)).toHaveLength(300);
    expect(await reader.hashes(1, 0, 1)).toHaveLength(1);
    expect(JSON.parse(await reader.entry(1)).prev).toBe((await reader.hashes(0, 0, 1))[0]);
    expect(await reader.vkeys()).toEqual([log.info().vkey]);
    expect((await log.verify()).verdict).toBe('intact');
  });

  it('says what is not there', async () => {
    await expect(openLogReader(directory)).rejects.toMatchObject({ code: 'LOG_MISSING' });
    await mkdir(directory);
    await writeFile(join(directory, 'notes.txt'), 'no log');
    const reader = await openLogReader(directory);
    await expect(reader.head()).rejects.toMatchObject({ code: 'LOG_MISSING' });
  });

  it('tells an entry past the end from one that is missing', async () => {
    const log = await openLog();
    await record(log, 3);
    await log.close();
    const { size } = log.info();
    const reader = await openLogReader(directory);
    await expect(reader.entry(size)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const active = join(directory, 'entries', '0000000000000000.jsonl');
    const lines = (await readFile(active, 'utf8')).split('\n');
    await writeFile(active, `${lines.slice(0, 2).join('\n')}\n`);
    await expect(reader.entry(size - 1)).rejects.toMatchObject({ code: 'LOG_DAMAGED' });
  });

  it('never writes', async () => {
    const log = await openLog();
    await record(log, 10);
    await log.close();
    const before = await snapshot(folder);
    const reader = await openLogReader(directory);
    await reader.head();
    await seqs(reader, 0);
    await reader.hashes(0, 0, 10);
    expect(await snapshot(folder)).toEqual(before);
  });
});

async function snapshot(path: string): Promise<Record<string, string>> {
  const files = await readdir(path, { recursive: true, withFileTypes: true });
  const named = files.map(async (file): Promise<[string, string]> => {
    const full = join(file.parentPath, file.name);
    return [full, file.isFile() ? (await readFile(full)).toString('base64') : 'directory'];
  });
  return Object.fromEntries(await Promise.all(named));
}
