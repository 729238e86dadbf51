import { expect, test } from 'vitest';
import { parseJsonPrefix } from '../src/json-prefix.ts';

const TEXTS = [
  '{"a":1,"b":[true,null,"x,]}\\"y"],"c":{"d":{"e":[]}},"f":-1.5e3}',
  '[{"password":"hunter2","list":["one","two"]},{"password":"hunter3"}]',
  ' { "text" : "a \\\\" , "deep" : [ [ [ 1 , 2 ] , 3 ] ] } ',
];

/** Whether `part` is `whole` with members and items missing at its end. */
function isBeginning(part: unknown, whole: unknown): boolean {
  if (typeof part !== 'object' || part === null) return Object.is(part, whole);
  return Object.entries(part).every(([key, value]) =>
    isBeginning(value, (whole as Record<string, unknown>)[key]),
  );
}

test.each(TEXTS)('cut off anywhere, a JSON text is the beginning of its value: %s', (text) => {
  const whole = JSON.parse(text);
  for (let end = 0; end <= text.length; end++) {
    const part = parseJsonPrefix(text.slice(0, end));
    if (part === undefined) expect(text.slice(0, end)).not.toMatch(/[[{]/);
    else expect(isBeginning(part, whole), text.slice(0, end)).toBe(true);
  }
  expect(parseJsonPrefix(text)).toEqual(whole);
});

test('what is whole is kept, what is not goes with its name', () => {
  expect(parseJsonPrefix('{"a":1,"b":2,"c":3')).toEqual({ a: 1, b: 2 });
  expect(parseJsonPrefix('{"a":1,"secret":"half')).toEqual({ a: 1 });
  expect(parseJsonPrefix('{"a":[1,{"b":"x"},{"c":"half')).toEqual({ a: [1, { b: 'x' }, {}] });
});

test.each(['', 'plain text', '"a string', '12', '{]', '{"a" 1,'])(
  '%j is no beginning of a JSON object',
  (text) => {
    expect(parseJsonPrefix(text)).toBeUndefined();
  },
);
