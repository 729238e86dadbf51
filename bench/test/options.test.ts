import { expect, test } from 'vitest';
import { FRAMEWORKS, VARIANTS } from '../src/http/variants.ts';
import { DEFAULT_ROUNDS, readOptions } from '../src/options.ts';

test('without options everything runs at its defaults', () => {
  const options = readOptions([]);
  expect(options).toMatchObject({ rounds: DEFAULT_ROUNDS, frameworks: FRAMEWORKS, variants: VARIANTS });
});

test('what is chosen runs in the order of the table', () => {
  const options = readOptions(['--variant', 'emit', '--variant', 'none', '--rounds', '2', '--json']);
  expect(options).toMatchObject({ variants: ['none', 'emit'], rounds: 2, json: true });
});

test.each([
  [['--rounds', '0'], '--rounds must be a whole number above 0, not "0".'],
  [['--rounds', '1.5'], '--rounds must be a whole number above 0, not "1.5".'],
  [['--seconds', 'two'], '--seconds must be a number above 0, not "two".'],
  [['--framework', 'koa'], '--framework must be one of express, nest-express, nest-fastify, not "koa".'],
  [['--speed'], "Unknown option '--speed'"],
])('%j is refused with a sentence', (args, sentence) => {
  expect(() => readOptions(args)).toThrow(sentence);
});
