// One bit flipped, in one byte after another of every file of a log.
//   npm run flips          one bit of every byte, about a quarter of an hour
//   npm run flips -- bit   every bit of it, hours
import { describe, expect, it } from 'vitest';
import { complaint, expectation, filesOf, planForFlips, withFlip } from './bit-flips.ts';
import { Log } from './fixture.ts';
import { verify } from './verify.ts';

const log = new Log(planForFlips());
const directory = log.write();

/** Without being asked for more: about so many bytes a file, at an odd stride that meets every kind of byte. */
const RUNS_A_FILE = 120;
const thorough = process.env.AUDIT_FLIPS === 'byte' || process.env.AUDIT_FLIPS === 'bit';
const ALL_BITS = [0, 1, 2, 3, 4, 5, 6, 7];

function strideOf(bytes: number): number {
  return thorough ? 1 : Math.max(1, Math.floor(bytes / RUNS_A_FILE)) | 1;
}

function bitsAt(position: number): readonly number[] {
  return process.env.AUDIT_FLIPS === 'bit' ? ALL_BITS : [(position * 5) % 8];
}

describe.each(filesOf(directory))('$name, with a bit flipped', ({ name, path, bytes }) => {
  it('is found and located, or all entries are as they were', { timeout: 0 }, async () => {
    const wrong: string[] = [];
    for (let position = 0; position < bytes; position += strideOf(bytes)) {
      const expected = expectation(log, directory, name, position);
      for (const bit of bitsAt(position)) {
        await withFlip(path, position, bit, async () => {
          const complained = complaint(expected, await verify(directory, log.key), 300);
          if (complained !== null) wrong.push(`byte ${position} bit ${bit}: ${complained}`);
        });
      }
    }
    expect(wrong).toEqual([]);
  });
});
