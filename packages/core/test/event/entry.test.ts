import { describe, expect, it } from 'vitest';
import { canonicalize } from '../../src/event/canonical.ts';
import { parseEntry, readEntry } from '../../src/event/entry.ts';
import type { JsonValue } from '../../src/event/model.ts';

const entry = {
  v: 1,
  seq: 0,
  prev: '0'.repeat(64),
  id: 'i',
  time: '2026-11-22T08:31:26.123Z',
  occurredAt: '2026-11-22T08:31:26.000Z',
  type: 'auth.attempt',
  category: 'authentication',
  level: 'info',
  operation: 'login',
  resource: { type: 'user', id: 'u' },
  outcome: 'success',
  error: { message: '' },
  actor: { type: 'user', id: 'u', ip: '::1' },
  trace: { requestId: 'r' },
  data: { a: [1, { b: null }] },
  redacted: ['/data/a~1b'],
  cut: [{ path: '/data', bytes: 1, sha256: 'a'.repeat(64) }],
};

const changed = (change: object): string => canonicalize({ ...entry, ...change } as JsonValue);

describe('an entry', () => {
  it('with every field is read', () => {
    expect(readEntry(canonicalize(entry))).toEqual({ entry });
    expect(parseEntry(canonicalize(entry))).toEqual(entry);
  });

  it.each(['occurredAt', 'error', 'actor', 'trace', 'data', 'redacted', 'cut'])(
    'without the optional %s is read',
    (field) => {
      expect(readEntry(changed({ [field]: undefined }))).toHaveProperty('entry');
    },
  );

  it.each([
    'seq',
    'prev',
    'id',
    'time',
    'type',
    'category',
    'level',
    'operation',
    'resource',
    'outcome',
    'v',
  ])('without the required %s is not', (field) => {
    expect(readEntry(changed({ [field]: undefined }))).toEqual({ problem: `without ${field}` });
  });

  it.each([
    ['seq', -1],
    ['seq', 1.5],
    ['seq', 2 ** 53],
    ['seq', '0'],
    ['prev', 'A'.repeat(64)],
    ['id', ''],
    ['id', 'x'.repeat(129)],
    ['time', '2026-11-22T08:31:26Z'],
    ['time', '2026-02-30T08:31:26.123Z'],
    ['occurredAt', '2026-11-22T08:31:26.000+00:00'],
    ['type', 'Auth'],
    ['category', 'stuff'],
    ['level', 'fatal'],
    ['operation', ''],
    ['operation', 'x'.repeat(1_025)],
    ['resource', { type: 'user' }],
    ['resource', { type: 'user', id: '' }],
    ['resource', { type: 'user', id: 'u', more: 1 }],
    ['outcome', 'ok'],
    ['error', { name: 'x' }],
    ['error', 'text'],
    ['actor', { type: 'user', id: 'u', role: 'x' }],
    ['actor', { type: 'user', id: 'u', ip: null }],
    ['trace', []],
    ['data', []],
    ['data', null],
    ['redacted', []],
    ['redacted', ['data']],
    ['redacted', Array(257).fill('/a')],
    ['cut', [{ path: '/a', bytes: -1, sha256: 'a'.repeat(64) }]],
    ['cut', [{ path: '/a', bytes: 1 }]],
  ])('with a wrong %s (%j) is not', (field, value) => {
    expect(readEntry(changed({ [field]: value }))).toEqual({ problem: `holding a wrong ${field}` });
  });

  it('with a field the format does not know is not', () => {
    expect(readEntry(changed({ more: 1 }))).toHaveProperty('problem');
    expect(
      readEntry(canonicalize(JSON.parse(`{"__proto__":1,${canonicalize(entry).slice(1)}`))),
    ).toHaveProperty('problem');
  });

  it.each([
    ['white space', ` ${canonicalize(entry)}`],
    ['a trailing newline', `${canonicalize(entry)}\n`],
    ['another order', JSON.stringify(entry)],
    ['a name twice', canonicalize(entry).replace('"id":"i"', '"id":"i","id":"i"')],
    ['another spelling of a number', canonicalize(entry).replace('"seq":0', '"seq":0.0')],
    ['another spelling of a string', canonicalize(entry).replace('"login"', '"\\u006cogin"')],
    ['a lone surrogate', canonicalize(entry).replace('"b":null', '"b":"\\ud800"')],
  ])('in text with %s is not', (_, text) => {
    expect(readEntry(text)).toEqual({ problem: 'not canonical JSON (RFC 8785)' });
  });

  it.each(['', '{', 'null', '[]', '1', '"x"', '{}'])('is not %j', (text) => {
    expect(readEntry(text)).toHaveProperty('problem');
    expect(() => parseEntry(text)).toThrow(expect.objectContaining({ code: 'LOG_DAMAGED' }));
  });

  it('of another version is told apart, whatever else is in it', () => {
    expect(readEntry('{"v":2,"x":[]}')).toMatchObject({ version: 2 });
    expect(readEntry(changed({ v: '1' }))).toMatchObject({ version: '1' });
    expect(readEntry(changed({ v: undefined }))).not.toHaveProperty('version');
  });

  it('longer than the limit is not read, nor one nested so deep that it could harm', () => {
    expect(readEntry(changed({ data: { x: 'ü'.repeat(33_000) } }))).toEqual({
      problem: 'longer than 65535 bytes',
    });
    const deep = canonicalize(entry).replace('"b":null', `"b":${'['.repeat(20_000)}${']'.repeat(20_000)}`);
    expect(readEntry(deep)).toHaveProperty('problem');
  });
});
