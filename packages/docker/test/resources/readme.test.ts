import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { RESOURCES } from '../../src/resources/kinds.ts';
import { limitsOf } from '../../src/resources/labels.ts';
import { resolveResourceOptions } from '../../src/resources/options.ts';
import { parseRule } from '../../src/resources/rule.ts';

const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');

it('every label the README shows is one', () => {
  const shown = [...readme.matchAll(/(audit\.limits\.\w+)=(?:'([^']+)'|(\w+))/g)];
  expect(shown.length).toBeGreaterThanOrEqual(4);
  for (const [, label = '', quoted, bare] of shown) {
    expect(limitsOf({ [label]: quoted ?? bare ?? '' }, resolveResourceOptions()).problems).toEqual([]);
  }
});

it.each(RESOURCES)('the README tells the default of %s, and how it is written', (kind) => {
  const row = new RegExp(`^\\| \`${kind}\` +\\| \`([^\`]+)\` +\\| ([^|]+)\\|`, 'm').exec(readme);
  const [, fallback = '', written = ''] = row ?? [];
  const rule = parseRule(kind, fallback) ?? undefined;
  expect(resolveResourceOptions().rules.get(kind)?.text).toBe(rule?.text);
  const examples = [...written.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text);
  expect(examples.length).toBeGreaterThan(0);
  for (const example of examples) expect(parseRule(kind, example)).toMatchObject({ text: example });
});

it('the README tells the default of every other option', () => {
  const { rules, action, protect, labels, ...numbers } = resolveResourceOptions();
  const options = readme.slice(readme.indexOf('### Options of `resources`'));
  const told = (name: string) => new RegExp(`^\\| \`${name}\` +\\| ([^|]+?) +\\|`, 'm').exec(options)?.[1];
  expect([told('action'), told('protect'), told('labels')]).toEqual(['`alert`', '`[]`', '`true`']);
  expect([action, protect, labels]).toEqual(['alert', [], true]);
  for (const [name, value] of Object.entries(numbers)) expect(told(name)).toBe(value.toLocaleString('en'));
});
