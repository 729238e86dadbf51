// The doctor's findings for people: one line each, the remedy under it, and how many want attention.
import type { Check, CheckStatus } from '../doctor/check.ts';
import type { Colors, Output } from '../terminal.ts';
import { pad, wrap } from './columns.ts';
import { counted } from './quantity.ts';
import { visible } from './visible.ts';

const PAINTS: Readonly<Record<CheckStatus, keyof Colors & ('green' | 'yellow' | 'red')>> = {
  ok: 'green',
  warn: 'yellow',
  bad: 'red',
};
const INDENT = 20;

export function renderChecks(checks: readonly Check[], { colors, columns }: Output): string {
  const lines = checks.flatMap(({ name, status, message, remedy }) => {
    const width = Math.max(40, columns - INDENT);
    const [first, ...more] = wrap(visible(message), width);
    const head = `${colors[PAINTS[status]](pad(status, 4))}  ${pad(name, INDENT - 6)}${first}`;
    const advice = remedy === undefined ? [] : wrap(`→ ${visible(remedy)}`, width);
    return [head, ...[...more, ...advice].map((line) => ' '.repeat(INDENT) + line)];
  });
  return `${[...lines, '', summary(checks)].join('\n')}\n`;
}

function summary(checks: readonly Check[]): string {
  const bad = checks.filter(({ status }) => status === 'bad').length;
  const warned = checks.filter(({ status }) => status === 'warn').length;
  if (bad > 0) return `${counted(bad, 'thing is wrong', 'things are wrong')}.`;
  return warned > 0 ? `Sound; ${counted(warned, 'thing wants', 'things want')} attention.` : 'All is well.';
}
