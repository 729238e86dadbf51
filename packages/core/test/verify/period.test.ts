// A period alone: its entries are read, everything else is proven by the tree.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { copyOf, editSegment, flip, Log, segmentFile, timeOf } from './fixture.ts';
import { held, verify } from './verify.ts';

const log = new Log({ count: 1000, segments: [0, 300, 700], sealed: [0, 300], kept: [300, 700] });
const original = log.write();

describe('a period', () => {
  it.each([
    [0, 10],
    [10, 20],
    [250, 300],
    [290, 310],
    [300, 1000],
    [512, 513],
    [699, 701],
    [990, 1000],
    [990, 5000],
  ])('from %i to %i is intact, and only its entries are counted', async (from, to) => {
    const report = await verify(original, log.key, { from, to });
    expect(report).toMatchObject({
      verdict: 'intact',
      size: 1000,
      entriesChecked: Math.min(to, 1000) - from,
      findings: [],
    });
  });

  it('with a start alone goes to the end: what is new since a checkpoint', async () => {
    const report = await verify(original, log.key, { from: 800, since: [log.note(800)] });
    expect(report).toMatchObject({ verdict: 'intact', entriesChecked: 200 });
  });

  it('does not read what lies outside of it', async () => {
    const copy = copyOf(original);
    editSegment(copy, 0, (lines) => lines.with(3, 'changed'));
    expect(await verify(copy, log.key, { from: 400, to: 500 })).toMatchObject({
      verdict: 'intact',
      entriesChecked: 100,
    });
  });

  it('finds what was changed inside', async () => {
    const copy = copyOf(original);
    editSegment(copy, 300, (lines) => lines.with(150, lines[150]!.replace('success', 'failure')));
    expect(held(await verify(copy, log.key, { from: 400, to: 500 }))).toEqual(['entry-modified 450']);
  });

  it('finds what is missing inside', async () => {
    const copy = copyOf(original);
    rmSync(join(copy, 'entries', `${segmentFile(300)}.gz`));
    expect(await verify(copy, log.key, { from: 400, to: 500 })).toMatchObject({
      verdict: 'tampered',
      firstBadSeq: 400,
    });
  });

  it('checks the chain where it begins', async () => {
    const broken = new Log({
      count: 20,
      fields: (seq) => (seq === 10 ? { prev: 'f'.repeat(64) } : undefined),
    });
    const report = await verify(broken.write(), broken.key, { from: 10, to: 12 });
    expect(held(report)).toEqual(['entry-malformed 10']);
  });

  it('reads everything where the tree does not prove the rest', async () => {
    const copy = copyOf(original);
    flip(join(copy, 'tree', '0'), 0, 1);
    const report = await verify(copy, log.key, { from: 400, to: 500 });
    expect(report).toMatchObject({ verdict: 'intact', entriesChecked: 1000 });
    expect(held(report)).toEqual(['tree-mismatch 0']);
  });

  it('past the end checks nothing, which is no pass', async () => {
    expect(await verify(original, log.key, { from: 2000 })).toMatchObject({
      verdict: 'unverifiable',
      entriesChecked: 0,
    });
  });

  it('must be one', async () => {
    await expect(verify(original, log.key, { from: -1 })).rejects.toThrow(RangeError);
    await expect(verify(original, log.key, { from: 5, to: 5 })).rejects.toThrow(RangeError);
    await expect(verify(original, log.key, { to: 1.5 })).rejects.toThrow(RangeError);
  });
});

describe('a period of a pruned log', () => {
  const pruned = new Log({
    count: 300,
    segments: [0, 100, 270],
    fields: (seq) => (seq === 290 ? { type: 'log.prune', data: { from: 0, to: 100 } } : undefined),
    pruned: { minimum: 100, keep: [0] },
  });

  it.each([
    [0, 50],
    [0, 200],
    [90, 110],
    [100, 120],
    [120, 300],
  ])('from %i to %i is intact, whether or not log.prune lies in it', async (from, to) => {
    expect(await verify(pruned.write(), pruned.key, { from, to })).toMatchObject({ verdict: 'intact' });
  });

  it('is missing where the log does not say that it was pruned', async () => {
    const { fields: _, ...plan } = pruned.plan;
    const cut = new Log(plan);
    expect(await verify(cut.write(), cut.key, { from: 0, to: 200 })).toMatchObject({
      verdict: 'tampered',
      firstBadSeq: 0,
    });
  });
});

describe('progress', () => {
  it('rises to the whole, in entries and in bytes', async () => {
    const seen: number[][] = [];
    await verify(original, log.key, {
      onProgress: ({ entries, totalEntries, bytes, totalBytes }) =>
        seen.push([entries, totalEntries, bytes, totalBytes]),
    });
    expect(seen.at(-1)).toEqual([1000, 1000, seen[0]![3], seen[0]![3]]);
    expect(seen.map(([entries]) => entries)).toEqual(
      seen.map(([entries]) => entries!).toSorted((a, b) => a - b),
    );
  });

  it('stops where it is told to', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(verify(original, log.key, { signal })).rejects.toThrow('enough');
  });
});

describe('entries that are not ASCII', () => {
  it('are intact, and one byte of them changed is found', async () => {
    const foreign = new Log({
      count: 20,
      fields: (seq) => ({ operation: `Ärger № ${seq} 🎈`, time: timeOf(seq) }),
    });
    const directory = foreign.write();
    expect(await verify(directory, foreign.key)).toMatchObject({ verdict: 'intact', entriesChecked: 20 });
    editSegment(directory, 0, (lines) => lines.with(9, lines[9]!.replace('Ä', 'Å')));
    expect(held(await verify(directory, foreign.key))).toEqual(['entry-modified 9']);
  });
});
