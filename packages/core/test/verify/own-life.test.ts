// What the log says of itself, and what a writer who holds the key can still do wrong.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nodeSignatures } from '../../src/note/node-primitives.ts';
import { parseVerifierKey } from '../../src/note/verifier-key.ts';
import { flip, Log, newKey, segmentFile, timeOf } from './fixture.ts';
import { held, verify } from './verify.ts';

describe('told, and not held against the log', () => {
  it('recovery, gaps and clock changes', async () => {
    const log = new Log({
      count: 12,
      fields: (seq) =>
        ({
          3: { type: 'log.recover', data: { possiblyLost: 10 } },
          5: { type: 'log.gap', data: { reasons: { queueFull: 2 } } },
          7: { type: 'log.clock', time: timeOf(0), data: { from: timeOf(7), to: timeOf(0) } },
        })[seq] ?? (seq > 7 ? { time: timeOf(1) } : undefined),
    });
    const directory = log.write();
    for (const hashesOnly of [false, true]) {
      const report = await verify(directory, log.key, { hashesOnly });
      expect(report.verdict).toBe('intact');
      expect(held(report)).toEqual(['recovered 3', 'gap 5', 'clock 7']);
      expect(report.findings[0]).toMatchObject({
        id: 'event-3',
        message: expect.stringContaining('possiblyLost'),
      });
    }
  });
});

describe('wrong although signed', () => {
  it('finds a time that goes backwards', async () => {
    const log = new Log({ count: 10, fields: (seq) => (seq === 6 ? { time: timeOf(2) } : undefined) });
    expect(held(await verify(log.write(), log.key))).toEqual(['time-backwards 6']);
  });

  it('finds it across segments too', async () => {
    const fields = (seq: number) => (seq === 6 ? { time: timeOf(2) } : undefined);
    const log = new Log({ count: 10, segments: [0, 6], sealed: [0], fields });
    expect(held(await verify(log.write(), log.key))).toEqual(['time-backwards 6']);
  });

  it('lets a clock change step back only to where it says', async () => {
    const data = { from: timeOf(6), to: timeOf(3) };
    const fields = (seq: number) => (seq === 6 ? { type: 'log.clock', time: timeOf(2), data } : undefined);
    const log = new Log({ count: 7, fields });
    expect(held(await verify(log.write(), log.key))).toContain('time-backwards 6');
  });

  it('finds a line that is no entry', async () => {
    const log = new Log({ count: 10, line: (seq, line) => (seq === 4 ? '{"some":"thing"}' : line) });
    const report = await verify(log.write(), log.key);
    expect(report.verdict).toBe('tampered');
    expect(held(report)).toEqual(['entry-malformed 4']);
  });

  it('finds JSON that is not canonical', async () => {
    const log = new Log({ count: 10, line: (seq, line) => (seq === 4 ? line.replace(':', ': ') : line) });
    expect(held(await verify(log.write(), log.key))).toEqual(['entry-malformed 4']);
  });

  it('finds a chain that was signed broken', async () => {
    const log = new Log({ count: 10, fields: (seq) => (seq === 4 ? { prev: 'f'.repeat(64) } : undefined) });
    expect(held(await verify(log.write(), log.key))).toEqual(['entry-malformed 4']);
  });

  it('finds a number given twice', async () => {
    const log = new Log({
      count: 10,
      segments: [0, 4],
      fields: (seq) => (seq === 4 ? { seq: 3 } : undefined),
    });
    expect(held(await verify(log.write(), log.key))).toEqual(['entry-malformed 4']);
  });

  it('cannot read a later format version', async () => {
    const log = new Log({ count: 10, fields: (seq) => (seq === 4 ? { v: 2 } : undefined) });
    const report = await verify(log.write(), log.key);
    expect(report.verdict).toBe('unverifiable');
    expect(held(report)).toEqual(['version-unknown 4']);
  });

  it('does not take a forged line for a later format version', async () => {
    const log = new Log({ count: 10 });
    const directory = log.write();
    const path = join(directory, 'entries', segmentFile(0));
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll('"v":1}', '"v":2}'));
    const report = await verify(directory, log.key);
    expect(report).toMatchObject({ verdict: 'tampered', firstBadSeq: 0 });
    expect(held(report)).not.toContain('version-unknown 0');
  });

  it('hashes alone do not show any of this, and none is claimed', async () => {
    const log = new Log({ count: 10, fields: (seq) => (seq === 6 ? { time: timeOf(2) } : undefined) });
    expect(await verify(log.write(), log.key, { hashesOnly: true })).toMatchObject({ verdict: 'intact' });
  });
});

describe('key rotation', () => {
  const keys = [
    { from: 0, key: newKey() },
    { from: 100, key: newKey() },
    { from: 200, key: newKey() },
  ] as const;
  const log = new Log({ count: 300, segments: [0, 150], sealed: [0], kept: [50, 100, 150, 200, 250], keys });
  const [first, second, third] = keys.map(({ key }) => key) as [
    typeof log.key,
    typeof log.key,
    typeof log.key,
  ];

  it('is followed by whoever pinned the first key', async () => {
    const report = await verify(log.write(), first);
    expect(report).toMatchObject({ verdict: 'intact', findings: [] });
    expect(report.keys).toMatchObject([{ pinned: true }, { pinned: true }, { pinned: true }]);
  });

  it('is followed back by whoever pinned a later key', async () => {
    for (const key of [second, third]) {
      const report = await verify(log.write(), key);
      expect(report).toMatchObject({ verdict: 'intact', size: 300, findings: [] });
    }
  });

  it('is followed from the log itself where no key is pinned', async () => {
    const directory = log.write();
    rmSync(join(directory, 'log.vkey'));
    const report = await verify(directory, null);
    expect(report.verdict).toBe('intact');
    expect(report.keys.map(({ pinned }) => pinned)).toEqual([false, false, false]);
  });

  it('ends what the old key may say', async () => {
    const directory = log.write();
    writeFileSync(join(directory, 'checkpoint'), log.note(300, first));
    const report = await verify(directory, first);
    expect(report.verdict).toBe('tampered');
    expect(held(report)).toContain('signature-invalid');
  });

  it('does not hold where someone without the key forged it at the end', async () => {
    const own = newKey();
    const forged = new Log({
      count: 300,
      kept: [50, 100, 200],
      keys: [
        { from: 0, key: first },
        { from: 200, key: own },
      ],
    });
    // The true key signed up to 120; the forger has only those notes, and signs on with his own key.
    const genuine = new Log({ count: 120, kept: [50, 100], keys: [{ from: 0, key: first }] });
    const directory = forged.write();
    const lines = [50, 100].map((size) => `${JSON.stringify(genuine.note(size))}\n`).join('');
    writeFileSync(join(directory, 'checkpoints'), `${lines}${JSON.stringify(forged.note(200, own))}\n`);
    const report = await verify(directory, first);
    expect(report.verdict).not.toBe('intact');
    expect(held(report)).toContain('key-unknown');
    expect(report.keys.map(({ id }) => id)).not.toContain(own.vkey.split('+')[1]);
  });

  it('does not hold where the entry that names the key was put in later', async () => {
    const own = newKey();
    const forged = new Log({
      count: 300,
      keys: [
        { from: 0, key: first },
        { from: 100, key: own },
      ],
    });
    const genuine = new Log({ count: 120, keys: [{ from: 0, key: first }] });
    const directory = forged.write();
    // The genuine note of size 100 does not cover the forged entry 99.
    writeFileSync(join(directory, 'checkpoints'), `${JSON.stringify(genuine.note(100))}\n`);
    const report = await verify(directory, first);
    expect(report.verdict).toBe('tampered');
    expect(report.keys.find(({ id }) => id === own.vkey.split('+')[1])?.pinned ?? false).toBe(false);
  });
});

describe('a pruned log', () => {
  const fields = (seq: number) =>
    seq === 290 ? { type: 'log.prune', data: { from: 0, to: 270, root: 'x', policy: '90 days' } } : undefined;
  const plan = { count: 300, segments: [0, 270], kept: [100, 270], fields };
  const pruned = new Log({ ...plan, pruned: { minimum: 270, keep: [0] } });

  it('is intact: what is gone is under the root, and the log says so', async () => {
    const report = await verify(pruned.write(), pruned.key);
    expect(report).toMatchObject({ verdict: 'intact', size: 300, entriesChecked: 30 });
    expect(held(report)).toEqual(['pruned 0-270']);
  });

  it('is told by log.prune also behind thousands of gaps', async () => {
    const log = new Log({
      count: 2400,
      segments: [0, 10],
      fields: (seq) => {
        if (seq === 2300) return { type: 'log.prune', data: { from: 0, to: 10 } };
        return seq > 10 && seq < 2200 ? { type: 'log.gap', data: {} } : undefined;
      },
      pruned: { minimum: 10, keep: [0] },
    });
    expect(await verify(log.write(), log.key)).toMatchObject({ verdict: 'intact' });
  });

  it('is not what a log is whose first segment was just deleted', async () => {
    const log = new Log({ count: 300, segments: [0, 270], kept: [100], pruned: { minimum: 270, keep: [] } });
    const report = await verify(log.write(), log.key);
    expect(report).toMatchObject({ verdict: 'tampered', firstBadSeq: 0 });
    expect(held(report)).toEqual(['entry-missing 0-270']);
  });

  it('may hold less than was pruned only as far as log.prune says', async () => {
    const log = new Log({ ...plan, segments: [0, 270, 280], pruned: { minimum: 280, keep: [0] } });
    expect(held(await verify(log.write(), log.key))).toEqual(['entry-missing 270-280', 'pruned 0-270']);
  });

  it('that lost its notes is no log rolled back', async () => {
    const directory = pruned.write();
    for (const name of ['commit', 'checkpoint', 'checkpoints']) rmSync(join(directory, name));
    expect(await verify(directory, pruned.key)).toMatchObject({ verdict: 'unverifiable' });
  });

  it('finds a kept line that is not what was signed', async () => {
    const directory = pruned.write();
    const path = join(directory, 'kept.jsonl');
    writeFileSync(path, readFileSync(path, 'utf8').replace('fixture', 'forgery'));
    expect(held(await verify(directory, pruned.key))).toContain('entry-modified 0');
  });

  it('finds log.create gone', async () => {
    const directory = pruned.write();
    rmSync(join(directory, 'kept.jsonl'));
    expect(held(await verify(directory, pruned.key))).toContain('entry-missing 0');
  });

  it('holds a damaged tree against the log where it cannot be made again', async () => {
    const directory = pruned.write();
    flip(join(directory, 'tree', '0'), 10 * 32, 0x01);
    const report = await verify(directory, pruned.key);
    expect(report.verdict).toBe('tampered');
    expect(held(report)).toContain('tree-mismatch 0-256');
  });

  it('follows key changes that were pruned', async () => {
    const keys = [
      { from: 0, key: newKey() },
      { from: 100, key: newKey() },
    ];
    const log = new Log({ ...plan, kept: [100, 270], keys, pruned: { minimum: 270, keep: [0, 99] } });
    for (const { key } of keys) {
      expect(await verify(log.write(), key)).toMatchObject({ verdict: 'intact', size: 300 });
    }
  });
});

describe('HMAC', () => {
  it('without the secret cannot be checked', async () => {
    const log = new Log({ count: 3 });
    const hmac = `shop.example/audit+1bd9d7a8+${Buffer.concat([Buffer.of(0xff), Buffer.from('audit-hmac-sha256'), Buffer.alloc(32)]).toString('base64')}`;
    expect(() => parseVerifierKey(hmac, nodeSignatures)).toThrow(/id/);
    expect(await verify(log.write(), newKey())).toMatchObject({ verdict: 'unverifiable' });
  });
});
