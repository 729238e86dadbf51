import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalize } from '../../src/event/canonical.ts';
import { MAX_DEPTH, MAX_NODES, toJson, toOrderedJson } from '../../src/event/convert.ts';
import type { JsonValue } from '../../src/event/model.ts';

const throwing = () => {
  throw new Error('hostile');
};

/** Row by row, the table of formats.md. */
const TABLE: readonly (readonly [string, unknown, unknown])[] = [
  ['a date', new Date(0), '1970-01-01T00:00:00.000Z'],
  ['an invalid date', new Date(Number.NaN), 'Invalid Date'],
  ['a date past the year 9999', new Date(8.64e15), '+275760-09-13T00:00:00.000Z'],
  ['a bigint', 123456789012345678901234567890n, '123456789012345678901234567890'],
  ['a Buffer', Buffer.from('hello'), 'aGVsbG8='],
  ['a typed array', new Uint16Array([1, 256]), 'AQAAAQ=='],
  ['a view on a part of a buffer', new Uint8Array(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2), 'AgM='],
  ['a DataView', new DataView(new ArrayBuffer(2)), 'AAA='],
  ['an ArrayBuffer', new Uint8Array([255, 254, 253]).buffer, '//79'],
  ['a SharedArrayBuffer', new SharedArrayBuffer(1), 'AA=='],
  [
    'a map',
    new Map<unknown, unknown>([
      ['a', 1],
      [2, new Map([[true, 'x']])],
    ]),
    { a: 1, 2: { true: 'x' } },
  ],
  ['a map with objects as keys', new Map([[{ b: 1, a: 2 }, 0]]), { '{"a":2,"b":1}': 0 }],
  ['a set', new Set([1, new Set(['a'])]), [1, ['a']]],
  [
    'boxed values',
    [Object('s'), Object(1), Object(true), Object(1n), Object(Symbol('d'))],
    ['s', 1, true, '1', 'd'],
  ],
  ['symbols', [Symbol('what'), Symbol(), Symbol.iterator], ['what', '', 'Symbol.iterator']],
  ['undefined and functions in objects', { a: undefined, b: () => 1, c: 1 }, { c: 1 }],
  ['undefined and functions in arrays', [undefined, () => 1, 1], [null, null, 1]],
  ['holes in arrays', new Array(2), [null, null]],
  ['numbers that are none', [Number.NaN, Infinity, -Infinity], ['NaN', 'Infinity', '-Infinity']],
  ['a lone surrogate', ['a\ud800b', '\udc00', '\ud83d\ude00'], ['a\ufffdb', '\ufffd', '\ud83d\ude00']],
  ['a lone surrogate in a key', { '\ud800': 1 }, { '\ufffd': 1 }],
  ['toJSON', { toJSON: (key: string) => ({ key }) }, { key: '' }],
  ['toJSON, told the key it stands under', { field: { toJSON: (key: string) => key } }, { field: 'field' }],
  ['toJSON that returns undefined', { a: { toJSON: () => undefined }, b: 1 }, { b: 1 }],
  ['toJSON that returns a date', { toJSON: () => new Date(0) }, '1970-01-01T00:00:00.000Z'],
  ['toJSON that throws', { a: { toJSON: throwing }, b: 1 }, { a: '[Unreadable]', b: 1 }],
  [
    'a getter that throws',
    Object.defineProperty({ b: 1 }, 'a', { get: throwing, enumerable: true }),
    { a: '[Unreadable]', b: 1 },
  ],
  ['a Proxy that throws', { a: new Proxy({}, { ownKeys: throwing }), b: 1 }, { a: '[Unreadable]', b: 1 }],
  ['a URL', new URL('http://a.example/b'), 'http://a.example/b'],
  [
    'an instance of a class',
    new (class Point {
      x = 1;
      #y = 2;
      get z() {
        return this.#y;
      }
    })(),
    { x: 1 },
  ],
  ['an object without prototype', Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
  ['an object that claims to be a map', { [Symbol.toStringTag]: 'Map', a: 1 }, { a: 1 }],
  [
    'an instance that claims to be a date',
    new (class {
      a = 1;
      get [Symbol.toStringTag]() {
        return 'Date';
      }
    })(),
    { a: 1 },
  ],
  ['null', null, null],
  ['undefined alone', undefined, null],
];

describe('the conversion table', () => {
  it.each(TABLE)('%s', (_, value, expected) => {
    expect(toJson(value)).toEqual(expected);
  });

  it('-0 becomes 0', () => {
    expect(Object.is(toJson(-0), 0)).toBe(true);
  });

  it('knows the built-ins of other realms', () => {
    const foreign = runInNewContext(
      '({ d: new Date(0), m: new Map([["a", 1]]), s: new Set([1]), e: new RangeError("x"), b: new Uint8Array([1]), o: { p: 1 } })',
    );
    expect(toJson(foreign)).toMatchObject({
      d: '1970-01-01T00:00:00.000Z',
      m: { a: 1 },
      s: [1],
      e: { name: 'RangeError', message: 'x' },
      b: 'AQ==',
      o: { p: 1 },
    });
  });
});

describe('errors', () => {
  it('keep name, message, code, stack and cause', () => {
    const error = Object.assign(new TypeError('no', { cause: new Error('why') }), {
      code: 'E_NO',
      secretInternals: 1,
    });
    expect(toJson(error)).toEqual({
      name: 'TypeError',
      message: 'no',
      code: 'E_NO',
      stack: error.stack,
      cause: { name: 'Error', message: 'why', stack: (error.cause as Error).stack },
    });
  });

  it('keep the errors of an AggregateError', () => {
    const json = toJson(new AggregateError([new Error('a'), 'b'], 'both')) as { errors: unknown[] };
    expect(json).toMatchObject({ name: 'AggregateError', message: 'both', errors: [{ message: 'a' }, 'b'] });
  });

  it('do not use a toJSON of their own, which may tell more', () => {
    const error = Object.assign(new Error('x'), { toJSON: () => ({ config: 'everything' }) });
    expect(toJson(error)).not.toHaveProperty('config');
  });

  it('that cause themselves end in a mark', () => {
    const error = new Error('x');
    error.cause = error;
    expect(toJson(error)).toMatchObject({ cause: '[Circular]' });
  });
});

describe('cycles', () => {
  it('end in a mark at the container that is inside itself', () => {
    const a: Record<string, unknown> = { n: 1 };
    a.self = a;
    a.list = [a];
    expect(toJson(a)).toEqual({ n: 1, self: '[Circular]', list: ['[Circular]'] });
    const map = new Map<string, unknown>();
    map.set('m', map);
    expect(toJson(map)).toEqual({ m: '[Circular]' });
  });

  it('are not the same as one value in two places', () => {
    const shared = { x: 1 };
    expect(toJson({ a: shared, b: [shared, shared] })).toEqual({ a: { x: 1 }, b: [{ x: 1 }, { x: 1 }] });
  });

  it('made by toJSON end too', () => {
    const value = { a: {} as unknown };
    value.a = { toJSON: () => value };
    expect(toJson(value)).toEqual({ a: '[Circular]' });
  });
});

describe('keys that are equal after conversion', () => {
  it('are numbered in order', () => {
    const map = new Map<unknown, unknown>([
      [1, 'a'],
      ['1', 'b'],
      [1n, 'c'],
      ['1~2', 'd'],
    ]);
    expect(toJson(map)).toEqual({ 1: 'a', '1~2': 'b', '1~3': 'c', '1~2~2': 'd' });
    expect(toJson({ '\ud800': 1, '\ud801': 2 })).toEqual({ '\ufffd': 1, '\ufffd~2': 2 });
  });

  it('are numbered in linear time', () => {
    const map = new Map(Array.from({ length: 9_000 }, (_, i) => [{ toJSON: () => 'same', i }, i]));
    expect(Object.keys(toJson(map) as object)).toHaveLength(9_000);
  });
});

describe('__proto__', () => {
  it('stays data and pollutes nothing', () => {
    const json = toJson(
      JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'),
    );
    expect(Object.getPrototypeOf(json)).toBe(Object.prototype);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    expect(canonicalize(json)).toBe(
      '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
    );
    expect(canonicalize(toJson(new Map([['__proto__', 1]])))).toBe('{"__proto__":1}');
  });
});

describe('limits', () => {
  const nested = (depth: number): unknown => (depth === 0 ? 'bottom' : { in: nested(depth - 1) });

  it('leave a container empty below the depth, and tell', () => {
    const cuts: string[] = [];
    const onCut = (pointer: string) => cuts.push(pointer);
    expect(JSON.stringify(toJson(nested(MAX_DEPTH), { onCut }))).toContain('bottom');
    expect(cuts).toEqual([]);
    expect(JSON.stringify(toJson(nested(MAX_DEPTH + 1), { onCut }))).not.toContain('bottom');
    expect(cuts).toEqual(['/in'.repeat(MAX_DEPTH)]);
  });

  it('leave out what comes after the last node, and tell', () => {
    const cuts: string[] = [];
    const json = toJson(
      { 'a/b': Array(20_000).fill(1), z: 1 },
      { onCut: (pointer) => cuts.push(pointer) },
    ) as Record<string, unknown[]>;
    expect(json['a/b']).toHaveLength(MAX_NODES - 2);
    expect(json).not.toHaveProperty('z');
    expect(cuts).toEqual(['/a~1b', '']);
  });

  it('hold for sets, maps and arrays that claim to be endless', () => {
    expect(toJson(new Set(Array(20_000).keys()))).toHaveLength(MAX_NODES - 1);
    expect(
      Object.keys(toJson(new Map(Array.from({ length: 20_000 }, (_, i) => [i, i]))) as object),
    ).toHaveLength(MAX_NODES - 1);
    const endless = new Proxy([], { get: (_, key) => (key === 'length' ? Infinity : 1) });
    expect(toJson(endless)).toHaveLength(MAX_NODES - 1);
  });

  it('keep the stack from overflowing', () => {
    let deep: unknown = 0;
    for (let i = 0; i < 200_000; i++) deep = [deep];
    expect(toJson(deep)).toBeDefined();
  });
});

describe('hostile values', () => {
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const detached = new Uint8Array(4);
  structuredClone(detached.buffer, { transfer: [detached.buffer] });
  const evil: readonly unknown[] = [
    revoked.proxy,
    new Proxy([], { get: throwing }),
    new Proxy({}, { getPrototypeOf: throwing }),
    new Proxy(() => 1, { apply: throwing }),
    detached,
    Object.defineProperty(new Uint8Array(1), 'buffer', { get: throwing }),
    Object.defineProperty(new Map(), 'size', { get: throwing }),
    Object.defineProperty(new Error('x'), 'message', { get: throwing }),
    Object.defineProperty({}, Symbol.toStringTag, { get: throwing }),
    new (class {
      get [Symbol.toStringTag]() {
        return throwing();
      }
    })(),
    {
      toJSON() {
        return this;
      },
    },
    { toJSON: () => new Proxy({}, { ownKeys: throwing }) },
    Object.create({ toJSON: throwing }),
    new Date('x'),
    Object.setPrototypeOf(new Map([['a', 1]]), null),
    new WeakMap(),
    Promise.resolve(1),
    /re/g,
    Symbol('x'),
    globalThis,
  ];

  it.each(evil.map((value, i) => [i, value] as const))('number %i never throws', (_, value) => {
    for (const shape of [
      value,
      [value],
      { value },
      new Map([[value, value]]),
      new Set([value]),
      { toJSON: () => value },
    ]) {
      const json = toJson(shape);
      expect(canonicalize(JSON.parse(canonicalize(json)))).toBe(canonicalize(json));
    }
  });

  it('of any kind convert to JSON that means the same after a round trip', () => {
    const anything = fc.anything({
      withBigInt: true,
      withBoxedValues: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withNullPrototype: true,
      withObjectString: true,
      withSparseArray: true,
      withTypedArray: true,
      withUnicodeString: true,
      stringUnit: 'binary',
      key: fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.constantFrom('__proto__', 'toJSON', 'constructor', 'length'),
      ),
      values: [
        // Behind toJSON, since the generator itself cannot bear them.
        fc.nat({ max: evil.length - 1 }).map((i) => ({ i, toJSON: () => evil[i] })),
        fc.string({
          unit: fc.integer({ min: 0xd700, max: 0xe000 }).map((code) => String.fromCharCode(code)),
        }),
        fc.double(),
      ],
    });
    fc.assert(
      fc.property(anything, (value) => {
        const { json, ordered } = toOrderedJson(value);
        const text = canonicalize(json);
        expect(canonicalize(JSON.parse(text))).toBe(text);
        expect(toJson(json)).toEqual(json);
        if (ordered) expect(JSON.stringify(json)).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    [{ b: 1, a: [{ d: null, c: 'ä"' }] }, true],
    [{ toJSON: () => ({ z: 1, y: 2 }) }, true],
    [{ a: 1, 10: 2, 9: 3 }, false],
    [{ '\ud800': 1, '\ue000': 2 }, false],
    [JSON.parse('{"__proto__":1,"a":2}'), false],
    [[new Map([['b', 1]])], false],
    [{ error: new Error('broken') }, false],
  ])('tell whether they stand in canonical order (%#)', (value, expected) => {
    const { json, ordered } = toOrderedJson(value);
    expect(ordered).toBe(expected);
    if (ordered) expect(JSON.stringify(json)).toBe(canonicalize(json));
  });

  it('are not changed by being read', () => {
    const value = Object.freeze({ list: Object.freeze([1, { a: 1 }]), date: new Date(0) });
    const json = toJson(value) as { list: JsonValue[] };
    expect(json.list).not.toBe(value.list);
    expect(value.list[1]).toEqual({ a: 1 });
  });
});
