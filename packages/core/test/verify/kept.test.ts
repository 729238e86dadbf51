// `log.prune` commits to what is kept: a line of kept.jsonl that goes, comes or changes afterwards is found.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Fields, Log, newKey, type Plan, segmentFile, sha256 } from './fixture.ts';
import { held, verify } from './verify.ts';

const KEPT = [0, 50, 150, 199];
const keys = [{ from: 0, key: newKey() }];
const own = (seq: number): Fields | undefined =>
  KEPT.includes(seq) && seq > 0 ? { type: 'log.gap', data: { reasons: { dropped: 1 } } } : undefined;
const before = new Log({ count: 200, segments: [0, 100], keys, fields: own });
const digest = (seqs: readonly number[]) =>
  sha256(...seqs.map((seq) => `${before.lines[seq]}\n`)).toString('hex');
const commitment = { count: KEPT.length, sha256: digest(KEPT) };

/** 300 entries; at 290 the log says that those before 200 were pruned. */
function logOf(kept: Fields | undefined, more: Partial<Plan> = {}): Log {
  const data = { from: 0, to: 200, root: 'x', policy: {}, ...(kept !== undefined && { kept }) };
  return new Log({
    count: 300,
    segments: [0, 100, 200],
    keys,
    fields: (seq) => (seq === 290 ? { type: 'log.prune', data } : own(seq)),
    pruned: { minimum: 200, keep: KEPT },
    ...more,
  });
}

const pruned = logOf(commitment);
const path = (directory: string) => join(directory, 'kept.jsonl');
const told = KEPT.slice(1).map((seq) => `gap ${seq}`);

function change(directory: string, edit: (lines: string[]) => string[]): string {
  const lines = readFileSync(path(directory), 'utf8').split('\n').slice(0, -1);
  writeFileSync(
    path(directory),
    edit(lines)
      .map((line) => `${line}\n`)
      .join(''),
  );
  return directory;
}

describe('what a pruned log keeps', () => {
  it('is what log.prune says, in any order, and each line counts once', async () => {
    expect(sha256(readFileSync(path(pruned.write()))).toString('hex')).toBe(commitment.sha256);
    for (const edit of [(lines: string[]) => lines, (lines: string[]) => [...lines, ...lines].reverse()]) {
      const report = await verify(change(pruned.write(), edit), pruned.key);
      expect(report).toMatchObject({ verdict: 'intact', size: 300, entriesChecked: 100 });
      expect(held(report)).toEqual(['pruned 0-200', ...told]);
    }
  });

  it.each(KEPT)('is known to miss entry %i', async (seq) => {
    const directory = change(pruned.write(), (lines) => lines.filter((_, i) => KEPT[i] !== seq));
    const report = await verify(directory, pruned.key);
    expect(report).toMatchObject({ verdict: 'tampered', firstBadSeq: 0 });
    expect(held(report)).toContain('entry-missing 0-200');
    const messages = report.findings.map(({ message }) => message).join('\n');
    expect(messages).toMatch(/290 says that 4 entries before 200 were kept; 3 lines/);
  });

  it('is known to be gone', async () => {
    const directory = pruned.write();
    rmSync(path(directory));
    expect(held(await verify(directory, pruned.key))).toContain('entry-missing 0-200');
  });

  it('may hold no other entry, genuine as it may be', async () => {
    const directory = change(pruned.write(), (lines) => [...lines, before.lines[77]!]);
    expect(held(await verify(directory, pruned.key))).toContain('entry-inserted 0-200');
    const instead = change(pruned.write(), ([, ...lines]) => [before.lines[77]!, ...lines]);
    expect(held(await verify(instead, pruned.key))).toContain('entry-missing 0-200');
  });

  it('is not called missing where a line was changed, which is said of itself', async () => {
    const directory = change(pruned.write(), (lines) =>
      lines.map((line) => line.replace('dropped', 'Dropped')),
    );
    const report = await verify(directory, pruned.key);
    expect(held(report)).toEqual([
      'entry-modified 50',
      'entry-modified 150',
      'entry-modified 199',
      'pruned 0-200',
    ]);
    const and = change(directory, (lines) => lines.slice(0, 3));
    expect(held(await verify(and, pruned.key))).toContain('entry-missing 0-200');
  });

  it('may still stand in segments, while a prune is not done', async () => {
    const log = logOf(commitment, { pruned: { minimum: 100, keep: KEPT.slice(0, 2) } });
    const report = await verify(log.write(), log.key);
    expect(report).toMatchObject({ verdict: 'intact', entriesChecked: 200 });
    // What was put back does not make up for what is missing.
    const directory = change(log.write(), (lines) => lines.slice(0, 1));
    expect(held(await verify(directory, log.key))).toContain('entry-missing 0-200');
    const both = logOf(commitment, { pruned: { minimum: 100, keep: KEPT } });
    expect(await verify(both.write(), both.key)).toMatchObject({ verdict: 'intact' });
  });

  it('is not asked of a log whose log.prune says nothing of it', async () => {
    const old = logOf(undefined, { pruned: { minimum: 200, keep: [0] } });
    expect(held(await verify(old.write(), old.key))).toEqual(['pruned 0-200']);
  });

  it('has nothing to do with a period behind it', async () => {
    const directory = change(pruned.write(), () => []);
    expect(await verify(directory, pruned.key, { from: 250 })).toMatchObject({ verdict: 'intact' });
  });

  it('is judged by the newest log.prune, though an older one stands there', async () => {
    const older = { from: 0, to: 100, root: 'x', policy: {}, kept: { count: 2, sha256: digest([0, 50]) } };
    const fields = (seq: number): Fields | undefined => {
      if (seq === 250) return { type: 'log.prune', data: older };
      return seq === 290
        ? { type: 'log.prune', data: { from: 100, to: 200, root: 'x', policy: {}, kept: commitment } }
        : own(seq);
    };
    const log = logOf(commitment, { fields });
    expect(await verify(log.write(), log.key)).toMatchObject({ verdict: 'intact' });
    const directory = change(log.write(), (lines) => lines.slice(0, 2));
    expect(held(await verify(directory, log.key))).toContain('entry-missing 0-200');
    expect(readFileSync(join(directory, 'entries', segmentFile(200)), 'utf8')).toContain('log.prune');
  });
});
