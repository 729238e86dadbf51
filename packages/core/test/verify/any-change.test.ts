// Whatever is done to the lines of a log without the key is found: random edits, with the tree and without it.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { copyOf, editSegment, gzipMembers, Log, segmentFile } from './fixture.ts';
import { verify } from './verify.ts';

const log = new Log({ count: 60, segments: [0, 40], sealed: [0], kept: [20, 40] });
const original = log.write();

type Edit = (lines: string[]) => string[];

const place = fc.nat({ max: 45 });
const edit: fc.Arbitrary<Edit> = fc.oneof(
  place.map(
    (at): Edit =>
      (lines) =>
        lines.filter((_, i) => i !== at),
  ),
  fc.tuple(place, place).map(
    ([from, to]): Edit =>
      (lines) => {
        const moved = lines[from];
        return moved === undefined ? lines : lines.toSpliced(from, 1).toSpliced(to, 0, moved);
      },
  ),
  fc.tuple(place, place).map(
    ([from, to]): Edit =>
      (lines) =>
        lines.toSpliced(to, 0, lines[from] ?? 'nothing'),
  ),
  fc.tuple(place, fc.string()).map(
    ([at, text]): Edit =>
      (lines) =>
        lines.toSpliced(at, 0, text.replaceAll('\n', '')),
  ),
  place.map(
    (at): Edit =>
      (lines) =>
        lines.map((line, i) => (i === at ? line.replace('success', 'denied') : line)),
  ),
  place.map(
    (at): Edit =>
      (lines) =>
        lines.slice(0, at),
  ),
);

/** What stands past the signed end is not part of the log: only what stands before counts as a change. */
function isChanged(first: number, lines: readonly string[]): boolean {
  const end = first === 0 ? 40 : 60;
  const expected = log.lines.slice(first, end);
  return first === 40
    ? expected.some((line, i) => line !== lines[i])
    : lines.length !== expected.length || expected.some((line, i) => line !== lines[i]);
}

describe.each([
  ['with its tree', (_: string) => {}],
  ['without its tree', (directory: string) => rmSync(join(directory, 'tree'), { recursive: true })],
])('any change of lines, %s', (_, prepare) => {
  it.each([0, 40])('is found in the segment of entry %i', async (first) => {
    const copy = copyOf(original);
    prepare(copy);
    const whole = log.lines.slice(first, first === 0 ? 40 : 60);
    const path = join(copy, 'entries', segmentFile(first));
    await fc.assert(
      fc.asyncProperty(
        fc.array(edit, { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        async (edits, hashesOnly) => {
          const lines = edits.reduce((now, one) => one(now), [...whole]);
          if (first === 0) writeFileSync(`${path}.gz`, gzipMembers(whole, first));
          editSegment(copy, first, () => lines);
          const report = await verify(copy, log.key, { hashesOnly });
          if (isChanged(first, lines)) {
            expect(report.verdict).toBe('tampered');
            expect(report.firstBadSeq).not.toBeNull();
          } else {
            expect(report.verdict).toBe('intact');
          }
        },
      ),
      { numRuns: 80 },
    );
  });
});

describe('a file cut anywhere', () => {
  it.each([
    ['active', segmentFile(40)],
    ['sealed', `${segmentFile(0)}.gz`],
  ])('is found in the %s segment, at the first entry that is lost', async (kind, name) => {
    const copy = copyOf(original);
    const path = join(copy, 'entries', name);
    const whole = readFileSync(path);
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: whole.length - 1 }), async (length) => {
        const cut = whole.subarray(0, length);
        writeFileSync(path, cut);
        const report = await verify(copy, log.key);
        // Of the one gzip member nothing is left; of plain lines all that end in their newline.
        const left = kind === 'sealed' ? 0 : 40 + cut.toString('latin1').split('\n').length - 1;
        expect(report).toMatchObject({ verdict: 'tampered', firstBadSeq: left });
      }),
      { numRuns: 100 },
    );
  });
});
