import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalize } from '../../src/event/canonical.ts';
import { parseEntry } from '../../src/event/entry.ts';
import { uuidv7 } from '../../src/event/id.ts';
import { type AuditEvent, CATEGORIES, type Entry, MAX_ENTRY_BYTES, OUTCOMES } from '../../src/event/model.ts';
import { createPreparer, type EventContext } from '../../src/event/prepare.ts';
import { assemble, contentOf, contentOfEntry, type PreparedEvent } from '../../src/event/prepared.ts';
import { nodeHasher } from '../../src/merkle/node-hasher.ts';
import { createRedactor } from '../../src/privacy/redactor.ts';

const prepare = createPreparer({ redactor: createRedactor(), hasher: nodeHasher, newId: uuidv7 });
const PREV = 'ab'.repeat(32);
const TIME = '2026-11-22T08:31:26.123Z';

const login: AuditEvent = {
  type: 'auth.attempt',
  operation: 'login',
  resource: { type: 'user', id: 'u42' },
  outcome: 'denied',
};

/** The finished text, checked as a verifier would. */
function textOf(event: AuditEvent, context?: EventContext): string {
  const prepared = prepare(event, context);
  const text = assemble(prepared, PREV, Number.MAX_SAFE_INTEGER, TIME);
  expect(canonicalize(JSON.parse(text))).toBe(text);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(prepared.bytes);
  expect(prepared.bytes).toBeLessThanOrEqual(MAX_ENTRY_BYTES);
  expect(contentOfEntry(text, PREV, Number.MAX_SAFE_INTEGER, TIME)).toBe(contentOf(prepared));
  return text;
}

const entryOf = (event: AuditEvent, context?: EventContext): Entry => parseEntry(textOf(event, context));

describe('an event', () => {
  it('becomes an entry with the catalogue’s category and level', () => {
    expect(entryOf({ ...login, id: 'my-own' })).toEqual({
      v: 1,
      seq: Number.MAX_SAFE_INTEGER,
      prev: PREV,
      time: TIME,
      id: 'my-own',
      type: 'auth.attempt',
      category: 'authentication',
      level: 'security',
      operation: 'login',
      resource: { type: 'user', id: 'u42' },
      outcome: 'denied',
    });
  });

  it('keeps a category and level of its own', () => {
    const entry = entryOf({ ...login, category: 'audit', level: 'debug' });
    expect(entry).toMatchObject({ category: 'audit', level: 'debug' });
  });

  it('of an unknown type is informational unless it says otherwise', () => {
    expect(entryOf({ ...login, type: 'shop.refund', category: 'data_access' }).level).toBe('info');
  });

  it('without an id gets a UUIDv7, and says which it brought itself', () => {
    expect(prepare(login)).toMatchObject({
      ownId: false,
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
    });
    expect(prepare({ ...login, id: 'x' })).toMatchObject({ ownId: true, id: 'x' });
  });

  it('is never changed', () => {
    const event = {
      ...login,
      data: { password: 'hunter22', at: new Date(0), list: [1, { token: 'abcdef' }] },
    };
    const before = structuredClone(event);
    prepare(event);
    expect(event).toEqual(before);
  });

  it('with every field comes out in canonical order', () => {
    const entry = entryOf({
      ...login,
      occurredAt: '2026-01-31T13:00:00+01:00',
      error: Object.assign(new TypeError('no'), { code: 'E' }),
      actor: {
        type: 'user',
        id: 'u',
        name: 'n',
        sessionId: 's1',
        agentId: 'a',
        ip: '::1',
        userAgent: 'x',
        onBehalfOf: 'y',
      },
      trace: { requestId: 'r', traceId: 't', spanId: 's', parentId: 'p' },
      data: { z: 1, a: 'ü', password: 'hunter22' },
    });
    expect(entry).toMatchObject({
      occurredAt: '2026-01-31T12:00:00.000Z',
      error: { message: 'no', name: 'TypeError', code: 'E' },
      actor: { sessionId: 's1', onBehalfOf: 'y' },
      data: { z: 1, a: 'ü', password: '[REDACTED]' },
      redacted: ['/data/password'],
    });
  });

  it.each([
    ['text', { value: 'text' }],
    [[1], { value: [1] }],
    [new Map([['a', 1]]), { a: 1 }],
    [null, undefined],
    [() => 1, undefined],
  ])('whose data is %s keeps what it can', (data, expected) => {
    expect(entryOf({ ...login, data: data as never }).data).toEqual(expected);
  });
});

describe('context', () => {
  const context = { actor: { type: 'user', id: 'ctx' }, trace: { requestId: 'r-ctx', spanId: 's-ctx' } };

  it('fills what the event does not say', () => {
    expect(entryOf(login, context)).toMatchObject(context);
  });

  it('gives way to the event, group by group', () => {
    const entry = entryOf({ ...login, trace: { requestId: 'own' } }, context);
    expect(entry.trace).toEqual({ requestId: 'own' });
    expect(entry.actor).toEqual(context.actor);
  });
});

describe('the log’s own types', () => {
  it('are refused from anyone else, since verification believes them', () => {
    const rotate = { ...login, type: 'log.key.rotate', data: { vkey: 'evil' } };
    expect(() => prepare(rotate)).toThrow(expect.objectContaining({ code: 'EVENT_INVALID' }));
    expect(() => prepare({ ...rotate, type: 'log.anything', category: 'audit' })).toThrow(/log\./);
    expect(entryOf(rotate, { own: true })).toMatchObject({ type: 'log.key.rotate', level: 'security' });
  });
});

describe('limits', () => {
  it('cut over-long envelope strings and tell path, bytes and hash', () => {
    const long = 'ä'.repeat(1_000);
    const event = {
      ...login,
      operation: long,
      resource: { type: 'user', id: long },
      actor: { type: 'u', id: 'u', userAgent: `${'x'.repeat(1_023)}ä` },
    };
    const entry = entryOf(event);
    expect(entry.operation).toBe('ä'.repeat(512));
    expect(entry.resource.id).toBe('ä'.repeat(512));
    expect(entry.actor?.userAgent).toBe('x'.repeat(1_023));
    const sha256 = nodeHasher.digest(long);
    expect(entry.cut).toEqual([
      { path: '/actor/userAgent', bytes: 1_025, sha256: nodeHasher.digest(event.actor.userAgent) },
      { path: '/operation', bytes: 2_000, sha256 },
      { path: '/resource/id', bytes: 2_000, sha256 },
    ]);
  });

  it('never split a character', () => {
    const emoji = '\u{1f600}';
    for (const pad of [0, 1, 2, 3]) {
      const { operation } = entryOf({ ...login, operation: 'x'.repeat(pad) + emoji.repeat(400) });
      expect(operation).not.toContain('\ufffd');
      expect(Buffer.byteLength(operation)).toBeGreaterThan(1_020);
    }
  });

  it('cut the largest strings of data first and leave the others', () => {
    const data = { small: 'keep me', list: ['also me', 'L'.repeat(50_000)], 'big/one': 'B'.repeat(90_000) };
    const entry = entryOf({ ...login, data });
    expect(entry.data).toMatchObject({ small: 'keep me', list: ['also me', expect.stringMatching(/^L+$/)] });
    expect(entry.cut).toEqual([
      { path: '/data/big~1one', bytes: 90_000, sha256: nodeHasher.digest(data['big/one']) },
      { path: '/data/list/1', bytes: 50_000, sha256: nodeHasher.digest(data.list[1] as string) },
    ]);
  });

  it('empty data that has no strings to cut', () => {
    const data = Object.fromEntries(Array.from({ length: 9_000 }, (_, i) => [`key-${i}`, i]));
    const entry = entryOf({ ...login, data });
    const text = canonicalize(data);
    expect(entry.data).toEqual({});
    expect(entry.cut).toEqual([{ path: '/data', bytes: text.length, sha256: nodeHasher.digest(text) }]);
  });

  it('hold when every string is a control character of six bytes', () => {
    const evil = '\u0001'.repeat(5_000);
    const event = {
      ...login,
      operation: evil,
      resource: { type: evil, id: evil, name: evil },
      error: { message: evil, name: evil, code: evil },
      actor: Object.fromEntries(
        ['type', 'id', 'name', 'sessionId', 'agentId', 'ip', 'userAgent', 'onBehalfOf'].map((key) => [
          key,
          evil,
        ]),
      ) as never,
      trace: { requestId: evil, traceId: evil, spanId: evil, parentId: evil },
      data: { evil: evil.repeat(10) },
    };
    const entry = entryOf(event);
    expect(entry.data).toEqual({});
    expect(entry.cut?.map(({ path }) => path)).toContain('/actor/userAgent');
    expect(entry.cut?.find(({ path }) => path === '/operation')).toMatchObject({ bytes: 5_000 });
  });

  it('say where something was too deep or too much to be read', () => {
    let deep: unknown = {};
    for (let i = 0; i < 100; i++) deep = { d: deep };
    expect(entryOf({ ...login, data: { deep } }).cut).toEqual([
      { path: `/data/deep${'/d'.repeat(31)}`, bytes: 0, sha256: nodeHasher.digest('') },
    ]);
    const entry = entryOf({ ...login, data: { list: Array(12_000).fill(1) } });
    expect(entry.cut?.[0]).toMatchObject({ path: '/data/list', bytes: 0 });
  });

  it('are applied after redaction: what is cut tells nothing of a secret', () => {
    const secret = 'hunter22hunter22';
    const data = { password: secret, text: `${'x'.repeat(80_000)} password=${secret}` };
    const entry = entryOf({ ...login, data });
    const redacted = data.text.replace(secret, '[REDACTED]');
    expect(entry.cut?.[0]).toMatchObject({ path: '/data/text', sha256: nodeHasher.digest(redacted) });
  });

  it('keep secrets out of the paths they tell', () => {
    let deep: unknown = {};
    for (let i = 0; i < 40; i++) deep = { 'token=hunter22': deep };
    expect(textOf({ ...login, data: deep as never })).not.toContain('hunter22');
  });

  it('cannot be told by callers', () => {
    const event = {
      ...login,
      cut: [{ path: '/x', bytes: 1, sha256: 'x' }],
      redacted: ['/y'],
      seq: 7,
      v: 2,
    } as AuditEvent;
    const entry = entryOf(event);
    expect(entry).not.toHaveProperty('cut');
    expect(entry).not.toHaveProperty('redacted');
    expect(entry.seq).toBe(Number.MAX_SAFE_INTEGER);
  });

  it('hold where hundreds of long paths were redacted', () => {
    const data = Object.fromEntries(
      Array.from({ length: 300 }, (_, i) => [`${'k'.repeat(300)}${i} password`, 'hunter22']),
    );
    const entry = entryOf({ ...login, data });
    expect(JSON.stringify(entry)).not.toContain('hunter22');
    expect(entry.redacted?.length).toBeGreaterThan(0);
  });
});

describe('for events of every shape', () => {
  const hostileText = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.integer({ min: 0xd7f0, max: 0xe00f }).map((code) => String.fromCharCode(code)) }),
    fc.string({ minLength: 1_000, maxLength: 3_000 }),
    fc.constantFrom('password=hunter22', 'Bearer abc123def', '{"token":"x1y2z3"}', '"}', '\\', '","prev":"'),
  );
  const anything = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withNullPrototype: true,
    values: [hostileText, fc.double()],
  });
  const required = hostileText.filter((text) => text !== '');
  const event = fc.record(
    {
      type: fc.constantFrom(
        'auth.attempt',
        'http.request',
        'shop.refund',
        'code.execution',
        'security.assessment',
      ),
      category: fc.constantFrom(...CATEGORIES),
      operation: required,
      resource: fc.record(
        { type: required, id: fc.oneof(required, fc.nat()), name: anything },
        { requiredKeys: ['type', 'id'] },
      ),
      outcome: fc.constantFrom(...OUTCOMES),
      id: fc.string({ minLength: 1, maxLength: 42 }),
      occurredAt: fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true }),
      error: anything,
      actor: fc.oneof(
        anything,
        fc.dictionary(fc.constantFrom('type', 'id', 'ip', 'name', 'sessionId'), anything),
      ),
      trace: fc.oneof(anything, fc.dictionary(fc.constantFrom('requestId', 'traceId'), anything)),
      data: fc.oneof(anything, fc.dictionary(hostileText, anything)),
    },
    { requiredKeys: ['type', 'category', 'operation', 'resource', 'outcome'] },
  );

  it('the entry is canonical, within its limits, and read back by the strict reader', () => {
    fc.assert(
      fc.property(event, (hostile) => {
        entryOf(hostile as unknown as AuditEvent);
      }),
      { numRuns: 400 },
    );
  });

  it('the three runs of text are the canonical objects of their fields, written one by one', () => {
    fc.assert(
      fc.property(event, (hostile) => {
        const { head, middle, tail, bytes } = prepare({ ...hostile, id: 'x' } as unknown as AuditEvent);
        const { actor, category, cut, data, error, id, level, occurredAt, operation, outcome, ...rest } =
          JSON.parse(assemble({ head, middle, tail } as PreparedEvent, PREV, 0, TIME));
        const { redacted, resource, trace, type, v } = rest;
        const first = { actor, category, cut, data, error, id, level, occurredAt, operation, outcome };
        expect(head).toBe(`${canonicalize(first).slice(0, -1)},`);
        expect(middle).toBe(`${canonicalize({ redacted, resource }).slice(1, -1)},`);
        expect(tail).toBe(`,${canonicalize({ trace, type, v }).slice(1)}`);
        const longest = assemble(
          { head, middle, tail } as PreparedEvent,
          PREV,
          Number.MAX_SAFE_INTEGER,
          TIME,
        );
        // One more than it takes: limits of entries already written were decided so.
        expect(bytes).toBe(Buffer.byteLength(longest) + 1);
      }),
      { numRuns: 300 },
    );
  });
});
