// What only something outside the log can find: an older genuine state put back, and another history.
import { cpSync, rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { copyOf, Log, newKey, temporaryDirectory } from './fixture.ts';
import { held, verify } from './verify.ts';

const key = newKey();
const keys = [{ from: 0, key }];
const now = new Log({ count: 300, segments: [0, 280], sealed: [0], kept: [100, 280], keys });
/** The same log as it stood after 200 entries, with the checkpoint it really had then. */
const then = new Log({ count: 200, kept: [100], keys });
/** Signed by the same key: another entry 150, and all behind it. */
const rival = new Log({
  count: 300,
  kept: [100, 280],
  keys,
  fields: (seq) => (seq === 150 ? { outcome: 'denied' } : undefined),
});

function without(log: Log): string {
  const directory = log.write();
  rmSync(`${directory}.private`, { recursive: true });
  return directory;
}

/** The old log, beside the private side of the present one. */
function rolledBack(): string {
  const directory = temporaryDirectory();
  cpSync(without(then), directory, { recursive: true });
  cpSync(`${now.write()}.private`, `${directory}.private`, { recursive: true });
  return directory;
}

describe('a log put back to an older state, with its older genuine checkpoint', () => {
  it('is intact at that size by the key alone', async () => {
    expect(await verify(without(then), key)).toMatchObject({ verdict: 'intact', size: 200, findings: [] });
  });

  it('is found by a checkpoint kept from later', async () => {
    const report = await verify(without(then), key, { since: [now.note(300)] });
    expect(report).toMatchObject({ verdict: 'tampered', firstBadSeq: 200 });
    expect(held(report)).toEqual(['rolled-back 200-300']);
  });

  it('is found by a receipt, as an object and as JSON', async () => {
    const receipt = now.receipt(250, 260);
    for (const since of [receipt, JSON.stringify(receipt)]) {
      const report = await verify(without(then), key, { since: [since] });
      expect(held(report)).toEqual(['rolled-back 200-260', 'rolled-back 200-251']);
    }
  });

  it('is found by the high-water file', async () => {
    expect(held(await verify(rolledBack(), key))).toEqual(['rolled-back 200-300']);
  });
});

describe('a log of another history, signed by the same key', () => {
  it('is intact by the key alone', async () => {
    expect(await verify(without(rival), key)).toMatchObject({ verdict: 'intact', size: 300 });
  });

  it('is found by a checkpoint of the true one, and says since which size', async () => {
    const report = await verify(without(rival), key, { since: [now.note(200)] });
    expect(report.verdict).toBe('tampered');
    expect(held(report)).toEqual(['forked 100-200']);
  });

  it('is found by a receipt for the entry that was changed', async () => {
    const report = await verify(without(rival), key, {
      since: [{ ...now.receipt(150, 160), checkpoint: null }],
    });
    expect(held(report)).toEqual(['forked 150']);
  });

  it('passes a checkpoint from before they part', async () => {
    expect(await verify(without(rival), key, { since: [now.note(150)] })).toMatchObject({
      verdict: 'intact',
    });
  });
});

describe('what is trusted', () => {
  it('may be older than the log', async () => {
    const since = [now.note(120), JSON.stringify(now.receipt(5, 10))];
    expect(await verify(now.write(), key, { since })).toMatchObject({ verdict: 'intact', findings: [] });
  });

  it('finds that the whole log was replaced by one under a new key', async () => {
    const replaced = new Log({ count: 300, fields: () => ({ outcome: 'denied' }) });
    const report = await verify(without(replaced), null, { since: [now.note(200)] });
    expect(held(report)).toEqual(['forked 0-200']);
  });

  it('finds that it is the checkpoint of another log', async () => {
    const name = 'other.example/audit';
    const other = newKey(name).signNote(`${name}\n10\n${now.root(10).toString('base64')}\n`);
    expect(held(await verify(now.write(), key, { since: [other] }))).toEqual(['forked']);
  });

  it('must itself be signed where its key is known', async () => {
    const forged = now.note(200).replace('\n200\n', '\n201\n');
    expect(held(await verify(now.write(), key, { since: [forged] }))).toEqual(['signature-invalid']);
  });

  it('is refused where it is neither checkpoint nor receipt', async () => {
    const directory = copyOf(now.write());
    for (const nonsense of ['nonsense', '{"seq":1}', '{']) {
      await expect(verify(directory, key, { since: [nonsense] })).rejects.toMatchObject({
        code: 'NOTE_INVALID',
      });
    }
  });
});
