// Keys of a policy and changes of them, for people: what holds, what was, and where each is said.
import type { KeyExplanation, PolicyChange } from '@audit/policy';
import type { Output } from '../terminal.ts';
import { columns, labelled, wrap } from './columns.ts';
import { counted } from './quantity.ts';
import { visible } from './visible.ts';

/** One line a key, or a paragraph each where somebody asks for some. */
export function renderExplanations(
  keys: readonly KeyExplanation[],
  { long }: { readonly long: boolean },
  { colors, columns: width }: Output,
): string {
  if (!long) {
    const rows = keys.map(({ key, value, place }) => [visible(key), shown(value), placeOf(place)]);
    return `${columns(rows).join('\n')}\n`;
  }
  const paragraphs = keys.map(({ key, description, default: fallback, value, place }) =>
    [
      colors.bold(visible(key)),
      ...wrap(description, width - 2).map((line) => `  ${line}`),
      ...labelled(
        [
          ['  value', `${shown(value)} (${placeOf(place)})`],
          ['  default', shown(fallback)],
        ],
        width,
      ),
    ].join('\n'),
  );
  return `${paragraphs.join('\n\n')}\n`;
}

/** What differs, each weakening marked. */
export function renderChanges(changes: readonly PolicyChange[], { colors }: Output): string {
  if (changes.length === 0) return 'No difference in effect.\n';
  const lines = changes.flatMap(({ key, before, after, beforePlace, afterPlace, weakening }) => [
    `${weakening ? colors.red('weaker') : '      '}  ${visible(key)}`,
    `        - ${shown(before)} (${placeOf(beforePlace)})`,
    `        + ${shown(after)} (${placeOf(afterPlace)})`,
  ]);
  const weaker = changes.filter(({ weakening }) => weakening).length;
  const sum = `${counted(changes.length, 'difference')}, ${weaker === 0 ? 'none' : weaker} of them weaker or not surely as strong.`;
  return `${[...lines, '', sum].join('\n')}\n`;
}

function shown(value: unknown): string {
  return value === null ? 'none' : visible(typeof value === 'string' ? value : JSON.stringify(value));
}

function placeOf(place: KeyExplanation['place']): string {
  return place === undefined ? 'default' : visible(`${place.file}:${place.line}:${place.column}`);
}
