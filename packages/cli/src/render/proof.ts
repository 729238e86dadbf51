// The answer of `audit verify-proof` for people.
import type { ProofAnswer } from '../proof-answer.ts';
import type { Output } from '../terminal.ts';
import { labelled, wrap } from './columns.ts';
import { entryCount } from './quantity.ts';
import { keyWords, verdictWords } from './report.ts';
import { visible } from './visible.ts';

export function renderProofAnswer(answer: ProofAnswer, output: Output): string {
  const message = wrap(visible(answer.message), output.columns - 2).map((line) => `  ${line}`);
  const lines = [
    verdictWords(answer.verdict, output.colors),
    ...message,
    '',
    ...facts(answer, output.columns),
  ];
  if (answer.verdict === 'intact') lines.push('', ...limits(output.columns));
  return `${lines.join('\n')}\n`;
}

function facts(answer: ProofAnswer, columns: number): string[] {
  const rows: [string, string][] = [['leaf hash', answer.leaf]];
  if (answer.origin !== null)
    rows.push(['checkpoint', `${visible(answer.origin)}, ${entryCount(answer.size ?? 0)}`]);
  for (const key of answer.keys) rows.push(['key', keyWords(key)]);
  return labelled(rows, columns - 2).map((line) => `  ${line}`);
}

function limits(columns: number): string[] {
  const sentence =
    'Whether what the entry says is true, and whether the log you are shown today still has it: the proof is as old ' +
    'as its checkpoint.';
  return ['What this cannot say', ...wrap(sentence, columns - 2).map((line) => `  ${line}`)];
}
