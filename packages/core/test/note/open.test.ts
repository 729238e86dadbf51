import { describe, expect, test } from 'vitest';
import { formatCheckpoint } from '../../src/note/checkpoint.ts';
import { generatePrivateKey, hmacSigner, signerFromPem } from '../../src/note/node-signers.ts';
import { formatNote, parseNote } from '../../src/note/note.ts';
import { openCheckpoint, openNote } from '../../src/note/open.ts';
import { signCheckpoint, signNote } from '../../src/note/sign.ts';
import { hmacVerifierKey, parseVerifierKey } from '../../src/note/verifier-key.ts';
import { c2sp } from '../c2sp.ts';

const text = 'example.com/log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n';
const log = signerFromPem('example.com/log', generatePrivateKey());
const other = signerFromPem('example.org/other', generatePrivateKey('ecdsa-p256'));
const noteByLog = await signNote(text, log);
const noteByOther = await signNote(text, other);

/** One note with the signature lines of several over the same text. */
function join(...notes: string[]): string {
  return formatNote(
    parseNote(notes[0]!).text,
    notes.flatMap((note) => parseNote(note).signatures),
  );
}

/** The note with one bit of its first signature flipped. */
function spoil(note: string): string {
  const [first, ...rest] = parseNote(note).signatures;
  const signature = Uint8Array.from(first!.signature);
  signature[10]! ^= 1;
  return formatNote(parseNote(note).text, [{ ...first!, signature }, ...rest]);
}

describe('published notes', () => {
  const types = new Map([
    [1, 'ed25519'],
    [2, 'ecdsa-p256'],
  ]);

  test.each(c2sp.notes)('from $source are verified by the keys of ours among those named', (vector) => {
    const known = vector.verifies.filter(([, type]) => types.has(type));
    const keys = vector.vkeys.filter((vkey) => known.some(([name]) => vkey.startsWith(`${name}+`)));
    const opened = openNote(
      vector.note,
      keys.map((vkey) => parseVerifierKey(vkey)),
    );
    if (known.length === 0) {
      // Cosignatures (types 0x04, 0x05, 0x06) are lines of keys we do not know: passed over, nothing said of them.
      expect(opened).toEqual({ status: 'key-unknown', text: parseNote(vector.note).text });
    } else {
      const verifiedBy = opened.status === 'verified' ? opened.verifiedBy : [];
      expect(verifiedBy.map(({ name, type }) => [name, type])).toEqual(
        known.map(([name, type]) => [name, types.get(type)]),
      );
    }
  });

  test.each(c2sp.notes_invalid.filter(({ vkeys }) => vkeys !== undefined))('$why', ({ note, vkeys }) => {
    const opened = openNote(
      note,
      vkeys!.map((vkey) => parseVerifierKey(vkey)),
    );
    expect(opened).toMatchObject({ status: 'signature-invalid', key: { name: 'example.com/foo' } });
  });

  test('cosigned by a witness are verified by the log key, past the cosignature', () => {
    const { checkpoint, signature_line } = c2sp.cosignature_ed25519;
    const key = parseVerifierKey(c2sp.tlog_proofs.proofs[0]!.log_vkey);
    expect(openNote(checkpoint + signature_line, [key])).toMatchObject({
      status: 'verified',
      verifiedBy: [key],
    });
  });
});

test('one known key that signed is enough, lines of unknown keys are passed over', () => {
  expect(openNote(join(noteByOther, noteByLog), [log.key])).toEqual({
    status: 'verified',
    text,
    verifiedBy: [log.key],
  });
  expect(openNote(join(spoil(noteByOther), noteByLog), [log.key]).status).toBe('verified');
});

test('all known keys that signed are told, each once', () => {
  const opened = openNote(join(noteByLog, noteByOther, noteByLog), [other.key, log.key]);
  expect(opened).toMatchObject({ status: 'verified', verifiedBy: [log.key, other.key] });
});

test('one wrong signature of a known key spoils the note, whatever the others are', () => {
  const keys = [log.key, other.key];
  for (const note of [join(noteByOther, spoil(noteByLog)), join(spoil(noteByLog), noteByOther, noteByLog)]) {
    expect(openNote(note, keys)).toEqual({ status: 'signature-invalid', text, key: log.key });
  }
});

test('a signature holds for its own text only', () => {
  const moved = formatNote(text.replace('0\n', '1\n'), parseNote(noteByLog).signatures);
  expect(openNote(moved, [log.key]).status).toBe('signature-invalid');
});

test('a key is known by name and id together', () => {
  const [signature] = parseNote(noteByLog).signatures;
  for (const renamed of ['example.com/lo', 'example.com/log2', 'EXAMPLE.COM/log']) {
    const note = formatNote(text, [{ ...signature!, name: renamed }]);
    expect(openNote(note, [log.key]).status).toBe('key-unknown');
  }
  const note = formatNote(text, [{ ...signature!, keyId: '00000000' }]);
  expect(openNote(note, [log.key]).status).toBe('key-unknown');
  expect(openNote(noteByLog, []).status).toBe('key-unknown');
});

test('two keys that share a name and an id are both tried', () => {
  const twin = { ...other.key, name: log.key.name, id: log.key.id };
  expect(openNote(noteByLog, [twin, log.key])).toMatchObject({ status: 'verified', verifiedBy: [log.key] });
});

test('an HMAC key counts once its secret is given, and says nothing before', async () => {
  const secret = new Uint8Array(32).fill(7);
  const signer = hmacSigner('example.com/log', secret);
  const note = await signNote(text, signer);
  expect(openNote(note, [parseVerifierKey(signer.key.vkey)]).status).toBe('key-unknown');
  expect(openNote(spoil(note), [parseVerifierKey(signer.key.vkey)]).status).toBe('key-unknown');
  expect(openNote(note, [hmacVerifierKey('example.com/log', secret)]).status).toBe('verified');
  expect(openNote(spoil(note), [hmacVerifierKey('example.com/log', secret)]).status).toBe(
    'signature-invalid',
  );
});

describe('opening a checkpoint', () => {
  const checkpoint = { origin: 'example.com/log', size: 3, root: 'ab'.repeat(32) };

  test('gives the checkpoint with what the keys say', async () => {
    const note = await signCheckpoint(checkpoint, log);
    expect(openCheckpoint(note, [log.key])).toMatchObject({
      status: 'verified',
      verifiedBy: [log.key],
      checkpoint,
    });
    expect(openCheckpoint(note, [])).toMatchObject({ status: 'key-unknown', checkpoint });
    expect(openCheckpoint(spoil(note), [log.key])).toMatchObject({ status: 'signature-invalid', checkpoint });
  });

  test("does not let another log's trusted key speak for this one", async () => {
    const forged = await signNote(formatCheckpoint(checkpoint), other);
    expect(openCheckpoint(forged, [log.key, other.key])).toMatchObject({ status: 'key-unknown', checkpoint });
    const both = join(forged, await signCheckpoint(checkpoint, log));
    expect(openCheckpoint(both, [log.key, other.key])).toMatchObject({ status: 'verified' });
  });

  test('refuses a note whose text is no checkpoint', async () => {
    const note = await signNote('hello\n', log);
    expect(() => openCheckpoint(note, [log.key])).toThrow(expect.objectContaining({ code: 'NOTE_INVALID' }));
  });
});
