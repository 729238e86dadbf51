import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AuditError } from '../../src/errors.ts';
import { formatNote, type NoteSignature, parseNote } from '../../src/note/note.ts';
import { c2sp } from '../c2sp.ts';

const text = 'This is an example message.\n';
const signature: NoteSignature = {
  name: 'example.com/foo',
  keyId: '530d903a',
  signature: Uint8Array.of(1, 2, 3),
};
const note = formatNote(text, [signature]);
const refused = expect.objectContaining({ code: 'NOTE_INVALID' });

function bytesOf(...parts: (string | number[])[]): Uint8Array {
  return Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))),
  );
}

describe('published notes', () => {
  // Cosigned ones among them: keys of types that are not ours (0x04, 0x05) sign lines like any other.
  test.each(c2sp.notes)('from $source are taken apart and put together to the byte', (vector) => {
    const parsed = parseNote(vector.note);
    expect(formatNote(parsed.text, parsed.signatures)).toBe(vector.note);
    expect(parseNote(Buffer.from(vector.note))).toEqual(parsed);
    const names = parsed.signatures.map(({ name }) => name);
    for (const [name] of vector.verifies) expect(names).toContain(name);
  });

  // Whether a signature is good is no question of form: the vector that has a key is one for opening notes.
  const malformed = c2sp.notes_invalid.filter(({ vkeys }) => vkeys === undefined);

  test.each(malformed)('with $why are refused', (vector) => {
    expect(() => parseNote(vector.note)).toThrow(refused);
    expect(() => parseNote(Buffer.from(vector.note))).toThrow(refused);
  });
});

test('the text ends before the last empty line, and may hold empty lines itself', () => {
  const inner = 'first\n\nsecond\n\n\n— not a signature\n';
  expect(parseNote(formatNote(inner, [signature]))).toEqual({ text: inner, signatures: [signature] });
});

test('up to a hundred signatures are read, more are refused', () => {
  const line = note.slice(text.length + 1);
  expect(parseNote(`${text}\n${line.repeat(16)}`).signatures).toHaveLength(16);
  expect(parseNote(`${text}\n${line.repeat(100)}`).signatures).toHaveLength(100);
  expect(() => parseNote(`${text}\n${line.repeat(101)}`)).toThrow(refused);
});

test.each([
  ['nothing', ''],
  ['an empty line alone', '\n\n'],
  ['no signature after the empty line', `${text}\n`],
  ['a carriage return', note.replaceAll('\n', '\r\n')],
  ['a tab', note.replace('an example', 'an\texample')],
  ['a NUL', note.replace('an example', 'an\0example')],
  ['a byte order mark', `\ufeff${note}`],
  ['a lone surrogate', note.replace('example message', '\ud800')],
  ['a hyphen for the dash', note.replace('—', '-')],
  ['two spaces after the dash', note.replace('— ', '—  ')],
  ['no key name', note.replace('example.com/foo', '')],
  ['a plus in the key name', note.replace('com/foo', 'com+foo')],
  ['a no-break space in the key name', note.replace('com/foo', 'com\u00a0foo')],
  ['no base64', note.replace(/ [^ ]*\n$/, '\n')],
  ['base64 without its padding', note.replace(/=+\n$/, '\n')],
  ['base64 that is not canonical', note.replace('OgECAw==', 'OgECAx==')],
  ['a key id and no signature', `${text}\n— example.com/foo Uw2QOg==\n`],
  ['white space after the signature', note.replace(/\n$/, ' \n')],
  ['an empty line after the signature', `${note}\n`],
])('a note with %s is refused', (_, candidate) => {
  expect(candidate).not.toBe(note);
  expect(() => parseNote(candidate)).toThrow(refused);
});

test('bytes that are not UTF-8 are refused, and so is a byte order mark', () => {
  const [start, end] = [note.slice(0, 5), note.slice(5)];
  expect(parseNote(bytesOf(start, end)).text).toBe(text);
  for (const bad of [[0xff], [0xc0, 0x8a], [0xed, 0xa0, 0x80], [0xe2, 0x82]]) {
    expect(() => parseNote(bytesOf(start, bad, end))).toThrow(refused);
  }
  expect(() => parseNote(bytesOf([0xef, 0xbb, 0xbf], note))).toThrow(refused);
});

test('what would be no note is not put together', () => {
  expect(() => formatNote('no newline', [signature])).toThrow(refused);
  expect(() => formatNote('a\rb\n', [signature])).toThrow(refused);
  expect(() => formatNote(text, [])).toThrow(RangeError);
  expect(() => formatNote(text, Array(101).fill(signature))).toThrow(RangeError);
  expect(() => formatNote(text, [{ ...signature, name: 'two words' }])).toThrow(RangeError);
  expect(() => formatNote(text, [{ ...signature, keyId: '530D903A' }])).toThrow(RangeError);
  expect(() => formatNote(text, [{ ...signature, signature: new Uint8Array() }])).toThrow(RangeError);
});

test('every note that can be put together is read back', () => {
  const line = fc.string({ unit: 'grapheme' }).map((value) => value.replace(/[\u0000-\u001f\ufeff]/g, ''));
  const texts = fc.array(line, { minLength: 1 }).map((lines) => `${lines.join('\n')}\n`);
  const name = fc
    .string({ unit: 'grapheme', minLength: 1 })
    .map((value) => value.replace(/[\s+\u0000-\u001f\u0085]/g, '_'));
  const signatures = fc.record({
    name,
    keyId: fc.uint8Array({ minLength: 4, maxLength: 4 }).map((bytes) => Buffer.from(bytes).toString('hex')),
    signature: fc.uint8Array({ minLength: 1, maxLength: 80 }),
  });
  fc.assert(
    fc.property(texts, fc.array(signatures, { minLength: 1, maxLength: 5 }), (text, signatures) => {
      expect(parseNote(formatNote(text, signatures))).toEqual({ text, signatures });
    }),
  );
});

test('no input whatever brings anything but a note or NOTE_INVALID, and what is read is canonical', () => {
  const published = Buffer.from(c2sp.notes[1]!.note);
  const damaged = fc
    .tuple(fc.nat(published.length - 1), fc.nat(8), fc.uint8Array({ maxLength: 8 }))
    .map(([at, cut, bytes]) =>
      Buffer.concat([published.subarray(0, at), bytes, published.subarray(at + cut)]),
    );
  const pieces = fc
    .array(
      fc.constantFrom(
        '\n',
        '\n\n',
        '— ',
        'a',
        ' ',
        '+',
        'AAAAAAA=',
        'AAAAAAAA',
        '=',
        '\r',
        '\ufeff',
        '\ud800',
      ),
    )
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), fc.string({ unit: 'binary' }), damaged, pieces), (input) => {
      try {
        const { text, signatures } = parseNote(input);
        expect(formatNote(text, signatures)).toBe(
          typeof input === 'string' ? input : Buffer.from(input).toString(),
        );
      } catch (error) {
        if (!(error instanceof AuditError)) throw error;
        expect(error.code).toBe('NOTE_INVALID');
      }
    }),
    { numRuns: 3000 },
  );
});
