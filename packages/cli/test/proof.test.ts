// `audit show`, `prove` and `verify-proof`: from an entry to a proof that stands without the log.
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { audit } from './audit.ts';
import { changeLines, type TestLog, testFolder, writeLog } from './logs.ts';
import { PUBLISHED_PROOF } from './vectors/tlog-proof.ts';

async function proven(seq: number): Promise<{ log: TestLog; proof: string; entry: string }> {
  const log = await writeLog(20);
  const proof = join(log.folder, 'proof');
  expect((await audit(['prove', log.directory, String(seq), '--out', proof])).status).toBe(0);
  const entry = (await audit(['show', log.directory, String(seq), '--raw'])).stdout;
  return { log, proof, entry };
}

describe('audit show', () => {
  it('prints the bytes that were hashed, which the next entry names', async () => {
    const log = await writeLog(5);
    const { stdout } = await audit(['show', log.directory, '2', '--raw']);
    const lines = (await readFile(join(log.directory, 'entries', '0000000000000000.jsonl'), 'utf8')).split(
      '\n',
    );
    expect(stdout).toBe(`${lines[2]}\n`);
    const next = JSON.parse((await audit(['show', log.directory, '3', '--json'])).stdout) as {
      entry: { prev: string };
    };
    expect(createHash('sha256').update(`\0${lines[2]}`).digest('hex')).toBe(next.entry.prev);
  });

  it('prints seq, leaf hash and entry as JSON, and every field to people', async () => {
    const log = await writeLog(5);
    const json = JSON.parse((await audit(['show', log.directory, '3', '--json'])).stdout) as Record<
      string,
      unknown
    >;
    expect(json).toMatchObject({ seq: 3, hash: expect.stringMatching(/^[0-9a-f]{64}$/), entry: { seq: 3 } });
    const { stdout } = await audit(['show', log.directory, '3']);
    for (const word of ['update order', 'type=order', 'id=u42', 'name=Ada', json.hash as string]) {
      expect(stdout).toContain(word);
    }
  });

  it.each(['1e3', '-1', '0x1', '9007199254740993', ''])('refuses %j as a sequence number', async (seq) => {
    const log = await writeLog(1);
    expect((await audit(['show', log.directory, '--', seq])).status).toBe(2);
  });

  it('says how many entries there are where there is no such one', async () => {
    const log = await writeLog(5);
    const { status, stderr } = await audit(['show', log.directory, '5000']);
    expect(status).toBe(2);
    expect(stderr).toContain(`the log has ${log.size}`);
  });
});

describe('audit prove and verify-proof', () => {
  it('proves an entry to who has proof, entry and key, by file, standard input, text or log', async () => {
    const { log, proof, entry } = await proven(7);
    const file = join(log.folder, 'entry.json');
    await writeFile(file, entry);
    for (const given of [
      ['--entry', file],
      ['--entry', '-'],
      ['--entry', entry.trim()],
      ['--log', log.directory],
    ]) {
      const result = await audit(['verify-proof', proof, ...given, '--key', log.vkey, '--json'], {
        input: entry,
      });
      expect(result.status).toBe(0);
      expect(JSON.parse(result.stdout)).toMatchObject({ verdict: 'intact', index: 7, size: log.size });
    }
    const piped = await audit(['prove', log.directory, '7']);
    expect(piped.stdout).toBe(await readFile(proof, 'utf8'));
    const result = await audit(['verify-proof', '-', '--entry', file, '--key', log.vkey], {
      input: piped.stdout,
    });
    expect(result.status).toBe(0);
    expect(result.stdout).toContain('INTACT');
  });

  it('answers 1 to another entry, a changed proof and a wrong signature', async () => {
    const { log, proof, entry } = await proven(7);
    const check = async (text: string, of: string) => {
      const file = join(log.folder, 'changed');
      await writeFile(file, text);
      return audit(['verify-proof', file, '--entry', of, '--key', log.vkey]);
    };
    const text = await readFile(proof, 'utf8');
    expect((await check(text, entry.trim())).status).toBe(0);
    expect((await check(text, entry.trim().replace('success', 'failure'))).status).toBe(1);
    expect((await check(text.replace('index 7', 'index 6'), entry.trim())).status).toBe(1);
    expect((await check(text.replace(`\n${log.size}\n`, `\n${log.size + 1}\n`), entry.trim())).status).toBe(
      1,
    );
  });

  it('answers 2 to another key, to no key, no entry, and what is no proof', async () => {
    const { log, proof, entry } = await proven(7);
    const other = await writeLog(1);
    const of = ['--entry', entry.trim()];
    expect((await audit(['verify-proof', proof, ...of, '--key', other.vkey])).status).toBe(2);
    expect((await audit(['verify-proof', proof, ...of])).status).toBe(2);
    expect((await audit(['verify-proof', proof, '--key', log.vkey])).status).toBe(2);
    const result = await audit([
      'verify-proof',
      join(log.directory, 'checkpoint'),
      ...of,
      '--key',
      log.vkey,
      '--json',
    ]);
    expect(result.status).toBe(2);
    expect(JSON.parse(result.stdout)).toMatchObject({ verdict: 'unverifiable', index: null });
  });

  it('takes proofs of other tlog implementations', async () => {
    const folder = await testFolder();
    const { proof, entry, vkey } = PUBLISHED_PROOF;
    const [proofFile, entryFile] = [join(folder, 'proof'), join(folder, 'entry')];
    await writeFile(proofFile, proof);
    await writeFile(entryFile, entry);
    expect((await audit(['verify-proof', proofFile, '--entry', entryFile, '--key', vkey])).status).toBe(0);
  });

  it('makes no proof that would not hold', async () => {
    const log = await writeLog(20);
    await changeLines(log.directory, (lines) =>
      lines.map((line, seq) => (seq === 7 ? line.replace('success', 'failure') : line)),
    );
    const { status, stdout, stderr } = await audit(['prove', log.directory, '7']);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('run audit verify');
  });

  it('does not overwrite a file', async () => {
    const { log, proof } = await proven(7);
    expect((await audit(['prove', log.directory, '8', '--out', proof])).status).toBe(2);
    expect(await readFile(proof, 'utf8')).toContain('index 7\n');
  });
});
