import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalize, sortKeys } from '../../src/event/canonical.ts';
import type { JsonValue } from '../../src/event/model.ts';

const vectors = new URL('../vectors/jcs/testdata/', import.meta.url);
const names = readdirSync(new URL('input/', vectors)).map((file) => file.replace('.json', ''));

describe('the published vectors of RFC 8785', () => {
  it('are six', () => {
    expect(names).toHaveLength(6);
  });

  it.each(names)('%s comes out byte for byte', (name) => {
    const input = readFileSync(new URL(`input/${name}.json`, vectors), 'utf8');
    const hex = readFileSync(new URL(`outhex/${name}.txt`, vectors), 'utf8').replace(/\s+/g, '');
    expect(Buffer.from(canonicalize(JSON.parse(input))).toString('hex')).toBe(hex);
  });
});

/** RFC 8785, appendix B: IEEE 754 bits and their text. */
const NUMBERS: readonly (readonly [string, string])[] = [
  ['0000000000000000', '0'],
  ['8000000000000000', '0'],
  ['0000000000000001', '5e-324'],
  ['8000000000000001', '-5e-324'],
  ['7fefffffffffffff', '1.7976931348623157e+308'],
  ['ffefffffffffffff', '-1.7976931348623157e+308'],
  ['4340000000000000', '9007199254740992'],
  ['c340000000000000', '-9007199254740992'],
  ['4430000000000000', '295147905179352830000'],
  ['44b52d02c7e14af5', '9.999999999999997e+22'],
  ['44b52d02c7e14af6', '1e+23'],
  ['44b52d02c7e14af7', '1.0000000000000001e+23'],
  ['444b1ae4d6e2ef4e', '999999999999999700000'],
  ['444b1ae4d6e2ef4f', '999999999999999900000'],
  ['444b1ae4d6e2ef50', '1e+21'],
  ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
  ['3eb0c6f7a0b5ed8d', '0.000001'],
  ['41b3de4355555553', '333333333.3333332'],
  ['41b3de4355555554', '333333333.33333325'],
  ['41b3de4355555555', '333333333.3333333'],
  ['41b3de4355555556', '333333333.3333334'],
  ['41b3de4355555557', '333333333.33333343'],
  ['becbf647612f3696', '-0.0000033333333333333333'],
  ['43143ff3c1cb0959', '1424953923781206.2'],
];

describe('numbers', () => {
  it.each(NUMBERS)('%s is written %s', (bits, text) => {
    const number = Buffer.from(bits, 'hex').readDoubleBE();
    expect(canonicalize(number)).toBe(text);
    expect(canonicalize({ b: number, a: [number] })).toBe(`{"a":[${text}],"b":${text}}`);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('%s is refused', (number) => {
    expect(() => canonicalize(number)).toThrow(TypeError);
    expect(() => canonicalize({ a: [number] })).toThrow(TypeError);
  });
});

describe('strings', () => {
  it('escape as §3.2.2.2 says, and nothing else', () => {
    expect(canonicalize('\u20ac$\u000f\nA\'B"\\\\"/')).toBe('"\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"');
    expect(canonicalize('\b\t\n\f\r\u0000\u001f\u007f\u2028')).toBe(
      '"\\b\\t\\n\\f\\r\\u0000\\u001f\u007f\u2028"',
    );
  });

  it('with lone surrogates are refused, as values and as names', () => {
    expect(() => canonicalize('\ud800')).toThrow(/lone surrogate/);
    expect(() => canonicalize({ '\udc00': 1 })).toThrow(/lone surrogate/);
    expect(() => canonicalize({ b: 'x\udfff', a: 1 })).toThrow(/lone surrogate/);
  });

  it('that merely look like an escaped surrogate are written', () => {
    expect(canonicalize({ a: '\\ud800' })).toBe('{"a":"\\\\ud800"}');
  });
});

describe('members', () => {
  it('are sorted by UTF-16 code units', () => {
    const names = ['\u20ac', '\r', '\ufb33', '1', '\ud83d\ude00', '\u0080', '\u00f6', '10', '9', ''];
    const text = canonicalize(Object.fromEntries(names.map((name) => [name, 0])));
    expect(Object.keys(JSON.parse(text)).sort()).toEqual([...names].sort());
    expect(text.indexOf('"10"')).toBeLessThan(text.indexOf('"9"'));
    expect(text.indexOf('\ud83d\ude00')).toBeLessThan(text.indexOf('\ufb33'));
  });

  it('that are undefined are left out', () => {
    expect(canonicalize({ a: undefined, b: 1 })).toBe('{"b":1}');
    expect(canonicalize({ c: undefined, b: 1, a: undefined })).toBe('{"b":1}');
  });

  it('named __proto__ are members like any other', () => {
    expect(canonicalize(JSON.parse('{"b":1,"__proto__":{"a":2}}'))).toBe('{"__proto__":{"a":2},"b":1}');
  });

  it('sort alike by insertion and by the engine', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { maxLength: 40 }), (keys) => {
        expect(sortKeys([...keys])).toEqual([...keys].sort());
      }),
    );
  });
});

describe('what JSON cannot hold', () => {
  it.each([[undefined], [() => 1], [1n], [Symbol('x')]])('is refused: %s', (value) => {
    expect(() => canonicalize(value as never)).toThrow(TypeError);
    expect(() => canonicalize([value] as never)).toThrow(TypeError);
  });

  it('is refused without overflowing the stack', () => {
    expect(() => canonicalize(JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)))).toThrow(RangeError);
  });
});

const json = fc.jsonValue({ stringUnit: 'binary', maxDepth: 6 }).map((value) => value as JsonValue);

/** The definition, spelled out: independent of the code under test. */
function reference(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map((item: JsonValue) => reference(item)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, item]) => `${JSON.stringify(key)}:${reference(item as JsonValue)}`).join(',')}}`;
}

describe('for every JSON value', () => {
  it('the text is the definition’s, means the same value, and is its own canonical form', () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = canonicalize(value);
        expect(text).toBe(reference(value));
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalize(JSON.parse(text))).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  it('the order in which members were added does not show', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), json), fc.nat(), (members, turn) => {
        const entries = Object.entries(members);
        const at = turn % (entries.length + 1);
        const turned = Object.fromEntries([...entries.slice(at), ...entries.slice(0, at)]);
        expect(canonicalize(turned)).toBe(canonicalize(members as JsonValue));
      }),
    );
  });
});
