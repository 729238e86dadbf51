// What a terminal must never get raw, and what must stay as it is.
import { describe, expect, it } from 'vitest';
import { jsonLine } from '../src/render/json.ts';
import { visible, visibleJson, visibleLines, visibleValue } from '../src/render/visible.ts';

const HOSTILE = {
  'an ANSI colour': ['\x1b[31mred', '<U+001B>[31mred'],
  'an 8-bit control sequence': ['\x9b2J', '<U+009B>2J'],
  'a carriage return that would overwrite the line': ['denied\rsuccess', 'denied<U+000D>success'],
  'a line feed that would fake a second entry': ['a\nb', 'a<U+000A>b'],
  'a backspace': ['ab\b', 'ab<U+0008>'],
  'a right-to-left override': ['exe.\u202etxt', 'exe.<U+202E>txt'],
  'a bidi isolate': ['\u2066x\u2069', '<U+2066>x<U+2069>'],
  'zero-width characters': ['ad\u200bmin\ufeff', 'ad<U+200B>min<U+FEFF>'],
  'a line separator': ['a\u2028b', 'a<U+2028>b'],
  'a tag character outside the BMP': ['a\u{e0041}', 'a<U+E0041>'],
  'a lone surrogate': ['a\ud800', 'a<U+D800>'],
  'a letter that shows as nothing': ['a\u3164b', 'a<U+3164>b'],
} as const;

describe('visible', () => {
  it.each(Object.entries(HOSTILE))('shows %s', (_, [text, shown]) => {
    expect(visible(text)).toBe(shown);
  });

  it('leaves alone what can be read', () => {
    const text = 'Ünïcödé שלום 日本語 e\u0301 €🙂 <U+202E> \\u202e';
    expect(visible(text)).toBe(text);
  });

  it('keeps the line feeds of text that has lines', () => {
    expect(visibleLines('a\n\x1b[31mb\n')).toBe('a\n<U+001B>[31mb\n');
  });
});

describe('visibleJson', () => {
  it.each(Object.entries(HOSTILE))('stays the same value with %s in keys and strings', (_, [text]) => {
    const value = { [text]: [text, { nested: text }] };
    const json = visibleJson(JSON.stringify(value, null, 2));
    expect(JSON.parse(json)).toEqual(value);
    expect(json.replaceAll('\n', '')).toBe(visible(json.replaceAll('\n', '')));
  });

  it('is one line where one line is wanted', () => {
    expect(jsonLine({ a: '\u2028\u{e0041}' })).toBe('{"a":"\\u2028\\udb40\\udc41"}\n');
  });
});

describe('visibleValue', () => {
  it('makes keys and strings visible, at any depth, and leaves other values', () => {
    const value = JSON.parse('{"__proto__":"\\u202e","a\\u001b":[1,null,{"b":"x\\ny\\u0007"}]}') as unknown;
    expect(JSON.stringify(visibleValue(value))).toBe(
      '{"__proto__":"<U+202E>","a<U+001B>":[1,null,{"b":"x\\ny<U+0007>"}]}',
    );
  });
});
