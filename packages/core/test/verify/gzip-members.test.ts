// Sealed segments: any gunzip reads them, and one damaged member costs its own entries only.
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compressSegment, encodeMember, readMembers } from '../../src/store/file/gzip-members.ts';
import type { DamagedRange } from '../../src/verify/source.ts';
import { gzipMembers } from './fixture.ts';

function lines(first: number, count: number): string[] {
  return Array.from(
    { length: count },
    (_, i) => `{"resource":{},"seq":${first + i},"time":"t${(first + i) % 7}"}`,
  );
}

async function* inChunks(bytes: Buffer, size: number): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of source) all.push(one);
  return all;
}

async function compressed(first: number, count: number, chunk = 1000): Promise<Buffer> {
  const bytes = Buffer.from(`${lines(first, count).join('\n')}\n`);
  return Buffer.concat(await collect(compressSegment(inChunks(bytes, chunk), first)));
}

function fileOf(bytes: Uint8Array) {
  let read = 0;
  return {
    size: async () => bytes.length,
    read: async (position: number, length: number) => {
      const piece = bytes.slice(position, position + length);
      read += piece.length;
      return piece;
    },
    bytesRead: () => read,
  };
}

/** What is read, with damage in its place. */
async function read(bytes: Uint8Array, first: number, range?: { from?: number; end?: number }) {
  const text: string[] = [];
  const damaged: DamagedRange['damaged'][] = [];
  for await (const part of readMembers(fileOf(bytes), first, range)) {
    if (part instanceof Uint8Array) text.push(Buffer.from(part).toString());
    else damaged.push(part.damaged);
  }
  return { lines: text.join('').split('\n').slice(0, -1), damaged };
}

/** Where each member begins. */
function starts(bytes: Buffer): number[] {
  const found: number[] = [];
  for (let at = 0; at < bytes.length; at += bytes.readUInt32LE(at + 16)) found.push(at);
  return found;
}

describe('compressed segments', () => {
  it('are read by any gunzip', async () => {
    expect(gunzipSync(await compressed(0, 700)).toString()).toBe(`${lines(0, 700).join('\n')}\n`);
  });

  it('are what formats.md says, whatever chunks they were made from', async () => {
    const expected = gzipMembers(lines(300, 700), 300);
    for (const chunk of [1, 77, 1_000_000]) expect(await compressed(300, 700, chunk)).toEqual(expected);
  });

  it('end their members at multiples of 256 entries', async () => {
    const bytes = await compressed(300, 700);
    expect(starts(bytes)).toHaveLength(3);
    const { lines: fromSecond } = await read(bytes.subarray(starts(bytes)[1]), 512);
    expect(fromSecond).toEqual(lines(300, 700).slice(212));
  });

  it('must end in a newline', async () => {
    await expect(collect(compressSegment(inChunks(Buffer.from('no newline'), 4), 0))).rejects.toThrow(
      RangeError,
    );
  });

  it('may be empty', async () => {
    expect(await collect(compressSegment(inChunks(Buffer.alloc(0), 1), 0))).toEqual([]);
    expect(await read(new Uint8Array(), 0)).toEqual({ lines: [], damaged: [] });
  });
});

describe('reading from an entry on', () => {
  it('gives exactly the entries from there', async () => {
    const bytes = await compressed(300, 700);
    for (const from of [300, 301, 511, 512, 513, 999]) {
      expect((await read(bytes, 300, { from })).lines).toEqual(lines(300, 700).slice(from - 300));
    }
  });

  it('steps over the members before it', async () => {
    const bytes = await compressed(0, 100_000);
    const file = fileOf(bytes);
    for await (const _ of readMembers(file, 0, { from: 99_900 })) break;
    expect(file.bytesRead()).toBeLessThanOrEqual(bytes.length + 1024);
  });
});

describe('a damaged member', () => {
  it('costs its own entries and no others, wherever it is hit', async () => {
    const original = await compressed(300, 700);
    const [, second, third] = starts(original) as [number, number, number];
    const all = lines(300, 700);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: original.length - 1 }),
        fc.integer({ min: 0, max: 7 }),
        async (position, bit) => {
          const bytes = Buffer.from(original);
          bytes[position]! ^= 1 << bit;
          const found = await read(bytes, 300, { end: 1000 });
          if (found.damaged.length === 0) {
            // A header byte that says nothing about the data.
            expect(found.lines).toEqual(all);
          } else {
            const [from, to] = position < second ? [300, 512] : position < third ? [512, 768] : [768, 1000];
            expect(found.damaged).toEqual([{ from, to }]);
            expect(found.lines).toEqual([...all.slice(0, from! - 300), ...all.slice(to! - 300)]);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('is passed by the entry the next good one begins with, where several are gone', async () => {
    const bytes = await compressed(0, 1024);
    const [, second, , fourth] = starts(bytes) as [number, number, number, number];
    bytes.fill(0, second + 3, fourth - 5);
    const found = await read(bytes, 0, { end: 1024 });
    expect(found.damaged).toEqual([{ from: 256, to: 768 }]);
    expect(found.lines).toEqual([...lines(0, 256), ...lines(768, 256)]);
  });

  it('that is cut off is told up to the next segment', async () => {
    const bytes = await compressed(0, 600);
    expect((await read(bytes.subarray(0, bytes.length - 4), 0, { end: 600 })).damaged).toEqual([
      { from: 512, to: 600 },
    ]);
  });

  it('is not made believable by data that grows without end', async () => {
    const bomb = await encodeMember(Buffer.alloc(64 * 1024 * 1024));
    expect((await read(bomb, 0, { end: 256 })).damaged).toEqual([{ from: 0, to: 256 }]);
  });
});

describe('members that are not what the format says', () => {
  const all = lines(0, 280);

  it('are told where one holds too few entries, or too many', async () => {
    for (const cut of [100, 255, 257, 270]) {
      const bytes = Buffer.concat([
        await encodeMember(Buffer.from(`${all.slice(0, cut).join('\n')}\n`)),
        await encodeMember(Buffer.from(`${all.slice(cut).join('\n')}\n`)),
      ]);
      expect(await read(bytes, 0, { end: 280 })).toEqual({ lines: all, damaged: [{ from: 256, to: 256 }] });
    }
  });

  it('are told where a line goes on in the next', async () => {
    const text = `${all.join('\n')}\n`;
    const cut = text.indexOf('"seq":256,');
    const bytes = await Promise.all(
      [text.slice(0, cut), text.slice(cut)].map((piece) => encodeMember(Buffer.from(piece))),
    );
    expect((await read(Buffer.concat(bytes), 0, { end: 280 })).damaged).toEqual([{ from: 256, to: 256 }]);
  });

  it('are not told where the last one ends with the segment', async () => {
    expect((await read(await compressed(0, 280), 0, { end: 280 })).damaged).toEqual([]);
  });

  it('are read no further than they can hold entries', async () => {
    const bytes = await encodeMember(Buffer.alloc(4_000_000, '\n'));
    expect((await read(bytes, 0)).lines.length).toBeLessThan(1000);
  });

  it('are searched for only so often', async () => {
    // Each header leads through all that stands behind it: stored blocks of deflate that hold the next header.
    const record = Buffer.from('1f8b08040000000000ff0800414c040000000000' + '001400ebff', 'hex');
    const count = 120_000;
    const bytes = Buffer.concat(Array.from({ length: count }, () => record));
    for (let i = 0; i < count; i++)
      bytes.writeUInt32LE((count - i) * record.length - 1, i * record.length + 16);
    expect(await read(bytes, 0, { end: 280 })).toEqual({ lines: [], damaged: [{ from: 0, to: 280 }] });
  });
});
