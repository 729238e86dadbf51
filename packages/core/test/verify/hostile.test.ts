// What lies in a log's directory may be anything: verification ends, in bounded memory, with a report.
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nodeHasher } from '../../src/merkle/node-hasher.ts';
import { encodeMember } from '../../src/store/file/gzip-members.ts';
import { decodeSlot, encodeSlot, SLOT_BYTES } from '../../src/store/file/slot.ts';
import { openFileSource } from '../../src/store/file/source.ts';
import { readBlocks } from '../../src/verify/region.ts';
import { copyOf, editSegment, Log, newKey, ORIGIN, segmentFile } from './fixture.ts';
import { held, verify } from './verify.ts';

const log = new Log({ count: 300, segments: [0, 280], sealed: [0], kept: [100, 280] });
const original = log.write();
const active = join('entries', segmentFile(280));

function makePipe(path: string): void {
  execFileSync('mkfifo', [path]);
}

describe.each([
  ['a directory', (path: string) => mkdirSync(path)],
  ...(process.platform === 'win32' ? [] : [['a pipe', makePipe]]),
  ['a link to itself', (path: string) => symlinkSync(path, path)],
] as [string, (path: string) => void][])('%s', (_, put) => {
  it.each([
    [active, ['truncated 280-300']],
    ['tree/0', ['tree-mismatch 0']],
    ['commit', []],
    ['checkpoint', []],
    ['checkpoints', []],
    ['kept.jsonl', []],
    ['log.vkey', []],
  ])('in the place of %s is no file', async (name, findings) => {
    const copy = copyOf(original);
    rmSync(join(copy, name), { force: true });
    put(join(copy, name));
    expect(held(await verify(copy, log.key))).toEqual(findings);
  });
});

describe('a file that is far too large', () => {
  const HUGE = 3 * 1024 ** 3;

  it.each([
    ['commit', ['slot-torn']],
    ['checkpoint', ['signature-invalid']],
    ['checkpoints', ['signature-invalid']],
    ['kept.jsonl', ['entry-malformed']],
    ['log.vkey', []],
    ['tree/0', []],
  ])('in the place of %s is read as far as it can be one', async (name, findings) => {
    const copy = copyOf(original);
    const path = join(copy, name);
    if (name === 'kept.jsonl') writeFileSync(path, '');
    truncateSync(path, HUGE);
    expect(held(await verify(copy, log.key))).toEqual(findings);
  });
});

describe('a note', () => {
  it('of a log with an endless name does not make an endless report', async () => {
    const copy = copyOf(original);
    const name = 'x'.repeat(20_000);
    const note = newKey(name).signNote(`${name}\n1\n${log.root(1).toString('base64')}\n`);
    appendFileSync(join(copy, 'checkpoints'), `${JSON.stringify(note)}\n`);
    const { verdict, findings } = await verify(copy, log.key);
    expect({ verdict, codes: findings.map(({ code }) => code) }).toEqual({
      verdict: 'unverifiable',
      codes: ['key-unknown'],
    });
    expect(findings[0]!.message.length).toBeLessThan(1000);
  });

  it('that stands in checkpoints a hundred thousand times is one note', async () => {
    const copy = copyOf(original);
    const line = readFileSync(join(copy, 'checkpoints'), 'utf8').split('\n')[0];
    appendFileSync(join(copy, 'checkpoints'), `${line}\n`.repeat(100_000));
    expect(await verify(copy, log.key)).toMatchObject({ verdict: 'intact', findings: [] });
  });
});

describe('a compressed segment', () => {
  const path = (directory: string) => join(directory, 'entries', `${segmentFile(0)}.gz`);

  it('whose members are cut elsewhere is found, as it makes readers find other entries', async () => {
    for (const cut of [100, 270]) {
      const copy = copyOf(original);
      const lines = log.lines.slice(0, 280);
      const pieces = [lines.slice(0, cut), lines.slice(cut)].map((piece) =>
        encodeMember(Buffer.from(`${piece.join('\n')}\n`)),
      );
      writeFileSync(path(copy), Buffer.concat(await Promise.all(pieces)));
      const report = await verify(copy, log.key);
      expect(report).toMatchObject({ verdict: 'tampered', firstBadSeq: Math.min(cut, 256) });
      expect(held(report)).toContain('segment-unreadable 256');
    }
  });
});

describe('a flood of empty lines', () => {
  const COUNT = 400_000;

  it('is counted and not kept: each would take hundreds of bytes for its one', async () => {
    const copy = copyOf(original);
    appendFileSync(join(copy, active), '\n'.repeat(COUNT));
    const segment = (await (await openFileSource(copy)).segments())[1]!;
    for (const expected of [20, Number.POSITIVE_INFINITY]) {
      const [block, ...others] = await readBlocks(segment, 280, expected, nodeHasher, (hash) => hash);
      expect(others).toEqual([]);
      expect(block!.lines.length + block!.more).toBe(20 + COUNT);
      expect(block!.lines.length).toBeLessThan(100_000);
      expect(block!.lines[19]).toBe(log.leaves[299]!.toString('hex'));
    }
  });

  it.each([
    ['with the tree', []],
    ['without it', ['tree']],
  ])('does not hide a change before it, %s', async (_, gone) => {
    const copy = copyOf(original);
    for (const name of gone) rmSync(join(copy, name), { recursive: true });
    editSegment(copy, 280, (lines) => lines.with(0, lines[0]!.replace('rotate', 'notate')));
    appendFileSync(join(copy, active), '\n'.repeat(COUNT));
    const report = await verify(copy, log.key);
    expect(report).toMatchObject({ verdict: 'tampered', firstBadSeq: 280 });
    expect(held(report)).toContain('unsigned-tail 300-400300');
  });
});

describe('a segment that claims to begin far behind the others', () => {
  it('leaves no room for entries that would fill the memory', async () => {
    const copy = copyOf(original);
    for (const name of ['commit', 'checkpoint', 'checkpoints']) rmSync(join(copy, name));
    writeFileSync(join(copy, 'entries', segmentFile(9e15)), 'x\n');
    const report = await verify(copy, log.key);
    expect(report.verdict).not.toBe('intact');
    expect(report.firstBadSeq).toBe(300);
  });

  it('as does a checkpoint of a key that nobody pinned', async () => {
    const copy = copyOf(original);
    const root = log.root(300).toString('base64');
    writeFileSync(join(copy, 'checkpoint'), log.key.signNote(`${ORIGIN}\n9000000000000000\n${root}\n`));
    expect(await verify(copy, null)).toMatchObject({ verdict: 'tampered', firstBadSeq: 300 });
  });
});

describe('a commit slot', () => {
  /** Whoever can write the file can make its checksum. */
  function moved(directory: string, index: number, by: (offset: number) => number): void {
    const path = join(directory, 'commit');
    const bytes = readFileSync(path);
    const slot = decodeSlot(bytes.subarray(index * SLOT_BYTES, (index + 1) * SLOT_BYTES));
    if (slot.state !== 'good') throw new Error('the fixture has two good slots');
    const { segment, offset, note } = slot.slot;
    bytes.set(encodeSlot({ segment, offset: by(offset), note }), index * SLOT_BYTES);
    writeFileSync(path, bytes);
  }

  it.each([0, 1])(
    '%i that says its last entry ends elsewhere makes readers read other entries',
    async (index) => {
      const last = log.lines.at(-1)!;
      for (const by of [-2, -last.length - 1, last.length + 1, 1e12]) {
        const copy = copyOf(original);
        appendFileSync(join(copy, active), `${last}\n`);
        moved(copy, index, (offset) => Math.max(0, offset + by));
        const report = await verify(copy, log.key);
        expect(report.verdict).toBe('tampered');
        expect(held(report)).toEqual(['slot-torn', 'unsigned-tail 300-301']);
      }
    },
  );
});
