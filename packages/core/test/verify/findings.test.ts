// One test for each finding that a change of entries, notes or tree gives.
import { appendFileSync, readFileSync, rmSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { copyOf, editSegment, entryOf, flip, Log, newKey, segmentFile } from './fixture.ts';
import { held, verify } from './verify.ts';

/** 300 entries: 280 sealed in two members, 20 in the active segment. */
const log = new Log({ count: 300, segments: [0, 280], sealed: [0], kept: [100, 200, 280] });
const original = log.write();
const tampered = () => copyOf(original);

describe('an untouched log', () => {
  it('is intact, every entry checked, under the pinned key', async () => {
    const report = await verify(original, log.key);
    expect(report).toMatchObject({
      verdict: 'intact',
      size: 300,
      entriesChecked: 300,
      firstBadSeq: null,
      findings: [],
    });
    expect(report.keys).toEqual([
      expect.objectContaining({ name: 'shop.example/audit', type: 'ed25519', pinned: true }),
    ]);
    expect(report.checkpoint).toEqual({
      origin: 'shop.example/audit',
      size: 300,
      root: log.root(300).toString('base64'),
      note: expect.any(String),
    });
  });

  it('is intact by the hashes alone', async () => {
    expect(await verify(original, log.key, { hashesOnly: true })).toMatchObject({
      verdict: 'intact',
      entriesChecked: 300,
      findings: [],
    });
  });

  it('says that its key was taken from the log where none is pinned', async () => {
    const report = await verify(original, null);
    expect(report.verdict).toBe('intact');
    expect(report.keys).toEqual([expect.objectContaining({ pinned: false })]);
  });

  it('cannot be checked without a pinned key where one is required', async () => {
    const report = await verify(original, null, { requirePinned: true });
    expect(report.verdict).toBe('unverifiable');
    expect(held(report)).toContain('key-unknown');
  });
});

describe.each([
  ['sealed', 0],
  ['active', 280],
])('in the %s segment', (_, first) => {
  const seq = first + 7;

  it('finds an entry that was modified, and no other', async () => {
    const copy = tampered();
    editSegment(copy, first, (lines) => lines.with(7, lines[7]!.replace('"success"', '"failure"')));
    const report = await verify(copy, log.key);
    expect(report).toMatchObject({ verdict: 'tampered', firstBadSeq: seq });
    expect(held(report)).toEqual([`entry-modified ${seq}`]);
    expect(report.findings[0]!.id).toBe(`event-${seq}`);
    expect(held(await verify(copy, log.key, { hashesOnly: true }))).toEqual([`entry-modified ${seq}`]);
  });

  it('finds an entry that was deleted', async () => {
    const copy = tampered();
    editSegment(copy, first, (lines) => lines.toSpliced(7, 1));
    expect(held(await verify(copy, log.key))).toEqual([`entry-missing ${seq}`]);
  });

  it('finds a run of entries that was deleted', async () => {
    const copy = tampered();
    editSegment(copy, first, (lines) => lines.toSpliced(7, 5));
    expect(held(await verify(copy, log.key))).toEqual([`entry-missing ${seq}-${seq + 5}`]);
  });

  it('finds an entry that was inserted', async () => {
    const copy = tampered();
    const forged = entryOf(seq, log.leaves[seq - 1]!.toString('hex'), { outcome: 'denied' });
    editSegment(copy, first, (lines) => lines.toSpliced(7, 0, forged));
    expect(held(await verify(copy, log.key))).toEqual([`entry-inserted ${seq}`]);
  });

  it('finds an entry that stands there twice', async () => {
    const copy = tampered();
    editSegment(copy, first, (lines) => lines.toSpliced(7, 0, lines[7]!));
    const report = await verify(copy, log.key);
    expect(report.verdict).toBe('tampered');
    expect(held(report)).toEqual([expect.stringMatching(new RegExp(`^entry-inserted (${seq}|${seq + 1})$`))]);
  });

  it('finds two neighbours exchanged', async () => {
    const copy = tampered();
    editSegment(copy, first, (lines) => lines.with(7, lines[8]!).with(8, lines[7]!));
    expect(held(await verify(copy, log.key))).toEqual([
      `entry-reordered ${seq}`,
      `entry-reordered ${seq + 1}`,
    ]);
  });

  it('finds two distant entries exchanged', async () => {
    const copy = tampered();
    editSegment(copy, first, (lines) => lines.with(3, lines[12]!).with(12, lines[3]!));
    expect(held(await verify(copy, log.key))).toEqual([
      `entry-reordered ${first + 3}`,
      `entry-reordered ${first + 12}`,
    ]);
  });

  it('finds several changes at once, each in its place', async () => {
    const copy = tampered();
    editSegment(copy, first, (lines) =>
      lines.with(2, lines[2]!.replace('read', 'list')).toSpliced(5, 1).toSpliced(10, 0, 'not an entry'),
    );
    expect(held(await verify(copy, log.key))).toEqual([
      `entry-modified ${first + 2}`,
      `entry-missing ${first + 5}`,
      `entry-inserted ${first + 11}`,
      `entry-malformed ${first + 11}`,
    ]);
  });

  it('finds a line that is no entry', async () => {
    const copy = tampered();
    editSegment(copy, first, (lines) => lines.with(7, '{"v":1,"seq":7}'));
    expect(held(await verify(copy, log.key))).toEqual([`entry-modified ${seq}`, `entry-malformed ${seq}`]);
  });
});

describe('cuts', () => {
  it.each([1, 3, 19, 20])('finds %i entries cut off the end', async (count) => {
    const copy = tampered();
    editSegment(copy, 280, (lines) => lines.slice(0, lines.length - count));
    const report = await verify(copy, log.key);
    expect(report).toMatchObject({
      verdict: 'tampered',
      firstBadSeq: 300 - count,
      entriesChecked: 300 - count,
    });
    expect(held(report)).toEqual([`truncated ${300 - count}-300`]);
  });

  it('finds the last newline cut off', async () => {
    const copy = tampered();
    const path = join(copy, 'entries', segmentFile(280));
    truncateSync(path, readFileSync(path).length - 1);
    expect(held(await verify(copy, log.key))).toEqual(['truncated 299-300']);
  });

  it('finds the active segment gone', async () => {
    const copy = tampered();
    unlinkSync(join(copy, 'entries', segmentFile(280)));
    expect(held(await verify(copy, log.key))).toEqual(['truncated 280-300']);
  });

  it('finds the first segment gone', async () => {
    const copy = tampered();
    unlinkSync(join(copy, 'entries', `${segmentFile(0)}.gz`));
    expect(held(await verify(copy, log.key))).toEqual(['entry-missing 0-280']);
  });

  it('finds entries cut off the end of a sealed segment', async () => {
    const copy = tampered();
    editSegment(copy, 0, (lines) => lines.slice(0, 275));
    expect(held(await verify(copy, log.key))).toEqual(['entry-missing 275-280']);
  });

  it('finds lines added at the end of a sealed segment', async () => {
    const copy = tampered();
    editSegment(copy, 0, (lines) => [...lines, 'forged']);
    expect(await verify(copy, log.key)).toMatchObject({ verdict: 'tampered', firstBadSeq: 280 });
  });

  it('finds all entries gone', async () => {
    const copy = tampered();
    rmSync(join(copy, 'entries'), { recursive: true });
    expect(await verify(copy, log.key)).toMatchObject({
      verdict: 'tampered',
      entriesChecked: 0,
      firstBadSeq: 0,
    });
  });

  it('finds entries and tree cut together', async () => {
    const copy = tampered();
    editSegment(copy, 280, (lines) => lines.slice(0, 5));
    truncateSync(join(copy, 'tree', '0'), 285 * 32);
    expect(held(await verify(copy, log.key))).toContain('truncated 285-300');
  });
});

describe('damage', () => {
  it('names the entries of a damaged gzip member, and checks all others', async () => {
    const copy = tampered();
    flip(join(copy, 'entries', `${segmentFile(0)}.gz`), 2000, 0x10);
    const report = await verify(copy, log.key);
    expect(held(report)).toEqual(['segment-unreadable 0-256']);
    expect(report.entriesChecked).toBe(44);
  });

  it('passes a member whose length is damaged', async () => {
    const copy = tampered();
    flip(join(copy, 'entries', `${segmentFile(0)}.gz`), 17, 0x01);
    const report = await verify(copy, log.key);
    expect(held(report)).toEqual(['segment-unreadable 0-256']);
    expect(report.entriesChecked).toBe(44);
  });

  it('names the entries of the last member of a segment', async () => {
    const copy = tampered();
    const path = join(copy, 'entries', `${segmentFile(0)}.gz`);
    flip(path, readFileSync(path).length - 30, 0x01);
    expect(held(await verify(copy, log.key))).toEqual(['segment-unreadable 256-280']);
  });

  it('tells bytes behind the last member', async () => {
    const copy = tampered();
    const path = join(copy, 'entries', `${segmentFile(0)}.gz`);
    writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.from('something else')]));
    expect(held(await verify(copy, log.key))).toEqual(['segment-unreadable 280']);
  });

  it('tells a torn slot and goes by the other note', async () => {
    const copy = tampered();
    flip(join(copy, 'commit'), 16_384 + 100, 0x01);
    const report = await verify(copy, log.key);
    expect(report).toMatchObject({ verdict: 'intact', size: 300 });
    expect(held(report)).toEqual(['slot-torn']);
  });

  it('tells a last line of checkpoints that ends early', async () => {
    const copy = tampered();
    const path = join(copy, 'checkpoints');
    truncateSync(path, readFileSync(path).length - 10);
    expect(await verify(copy, log.key)).toMatchObject({
      verdict: 'intact',
      findings: [{ code: 'slot-torn' }],
    });
  });

  it.each(['0', '1'])('tells a wrong hash in tree/%s, which can be made again', async (level) => {
    const copy = tampered();
    flip(join(copy, 'tree', level), 5, 0x01);
    const report = await verify(copy, log.key);
    expect(report).toMatchObject({
      verdict: 'intact',
      entriesChecked: 300,
      findings: [{ code: 'tree-mismatch' }],
    });
  });

  it('tells a tree that is not there', async () => {
    const copy = tampered();
    rmSync(join(copy, 'tree'), { recursive: true });
    const report = await verify(copy, log.key);
    expect(report.verdict).toBe('intact');
    expect(report.findings.map(({ code }) => code)).toEqual(['tree-mismatch', 'tree-mismatch']);
  });
});

describe('without an authentic tree', () => {
  /** The tree follows the change, as someone who knows the format would leave it. */
  function changed(edit: (lines: string[]) => string[]): string {
    const copy = tampered();
    editSegment(copy, 280, edit);
    rmSync(join(copy, 'tree'), { recursive: true });
    return copy;
  }

  it('finds a modified entry at the chain break', async () => {
    const copy = changed((lines) => lines.with(7, lines[7]!.replace('"success"', '"failure"')));
    expect(
      (await verify(copy, log.key)).findings.filter(({ code }) => code.startsWith('entry')),
    ).toMatchObject([{ code: 'entry-modified', seq: 287 }]);
  });

  it('finds a deleted entry', async () => {
    const report = await verify(
      changed((lines) => lines.toSpliced(7, 1)),
      log.key,
    );
    expect(held(report)).toContain('entry-missing 287');
    expect(report.firstBadSeq).toBe(287);
  });

  it('finds an inserted entry', async () => {
    const forged = entryOf(287, log.leaves[286]!.toString('hex'), { outcome: 'denied' });
    const report = await verify(
      changed((lines) => lines.toSpliced(7, 0, forged)),
      log.key,
    );
    expect(report.verdict).toBe('tampered');
    expect(held(report)).toEqual(['entry-inserted 287']);
  });

  it('finds exchanged entries', async () => {
    const report = await verify(
      changed((lines) => lines.with(7, lines[8]!).with(8, lines[7]!)),
      log.key,
    );
    expect(held(report)).toEqual(expect.arrayContaining(['entry-reordered 287', 'entry-reordered 288']));
  });

  it('says between which checkpoints the chain was rewritten throughout', async () => {
    const forger = new Log({
      count: 300,
      segments: [0, 280],
      sealed: [0],
      keys: [{ from: 0, key: log.key }],
      fields: (seq) => (seq === 150 ? { outcome: 'denied' } : undefined),
    });
    const copy = tampered();
    editSegment(copy, 0, () => forger.lines.slice(0, 280));
    editSegment(copy, 280, () => forger.lines.slice(280));
    forger.writeTree(copy);
    const report = await verify(copy, log.key);
    expect(report).toMatchObject({ verdict: 'tampered', firstBadSeq: 100 });
    expect(held(report)).toContain('root-mismatch 100-200');
  });

  it('says so too where only the last entry was changed, behind which no entry stands', async () => {
    const report = await verify(
      changed((lines) => lines.with(19, lines[19]!.replace('read', 'list'))),
      log.key,
    );
    expect(held(report)).toContain('root-mismatch 299-300');
  });
});

describe('notes', () => {
  it('finds a signature that does not hold, in every place', async () => {
    for (const [file, position] of [
      ['checkpoint', 25],
      ['checkpoints', 30],
    ] as const) {
      const copy = tampered();
      flip(join(copy, file), position, 0x01);
      const report = await verify(copy, log.key);
      expect(report.verdict).toBe('tampered');
      expect(held(report)).toEqual(['signature-invalid']);
    }
  });

  it('does not know the key of another log', async () => {
    const report = await verify(original, newKey());
    expect(report).toMatchObject({ verdict: 'unverifiable', size: 0, checkpoint: null });
    expect(held(report)).toEqual(expect.arrayContaining(['key-unknown', 'checkpoint-missing']));
  });

  it('does not pass a log whose only notes stand in checkpoints', async () => {
    const copy = tampered();
    unlinkSync(join(copy, 'commit'));
    unlinkSync(join(copy, 'checkpoint'));
    const report = await verify(copy, log.key);
    expect(report.verdict).not.toBe('intact');
    expect(held(report)).toContain('checkpoint-missing');
  });

  it('goes by the checkpoint file where commit is gone', async () => {
    const copy = tampered();
    unlinkSync(join(copy, 'commit'));
    expect(await verify(copy, log.key)).toMatchObject({ verdict: 'intact', size: 300, findings: [] });
  });

  it('finds an older note the entries contradict although the newest holds', async () => {
    const other = new Log({
      count: 300,
      keys: [{ from: 0, key: log.key }],
      fields: () => ({ outcome: 'denied' }),
    });
    const copy = tampered();
    writeFileSync(
      join(copy, 'checkpoints'),
      `${JSON.stringify(log.note(100))}\n${JSON.stringify(other.note(200))}\n`,
    );
    expect(held(await verify(copy, log.key))).toEqual(['root-mismatch 100-200']);
  });

  it('cannot check an empty directory', async () => {
    const copy = tampered();
    for (const name of ['commit', 'checkpoint', 'checkpoints', 'entries', 'tree', 'log.vkey']) {
      rmSync(join(copy, name), { recursive: true });
    }
    rmSync(`${copy}.private`, { recursive: true });
    expect(await verify(copy, null)).toMatchObject({ verdict: 'unverifiable', entriesChecked: 0, size: 0 });
  });
});

describe('the unsigned tail', () => {
  it('is told, and not checked', async () => {
    const copy = tampered();
    editSegment(copy, 280, (lines) => [...lines, 'anything', 'at all']);
    const report = await verify(copy, log.key);
    expect(report).toMatchObject({ verdict: 'intact', size: 300, entriesChecked: 300 });
    expect(held(report)).toEqual(['unsigned-tail 300-302']);
  });

  it('may end in a line that is not finished', async () => {
    const copy = tampered();
    appendFileSync(join(copy, 'entries', segmentFile(280)), '{"actor":');
    expect(await verify(copy, log.key)).toMatchObject({
      verdict: 'intact',
      entriesChecked: 300,
      findings: [{ code: 'unsigned-tail', seq: { from: 300, to: 301 } }],
    });
  });

  it('does not hide a change before it', async () => {
    const copy = tampered();
    editSegment(copy, 280, (lines) => [...lines.toSpliced(19, 1), 'anything', 'at all']);
    const report = await verify(copy, log.key);
    expect(report).toMatchObject({ verdict: 'tampered', firstBadSeq: 299 });
  });
});
