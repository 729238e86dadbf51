// The report of `audit verify` for people: the verdict, what was checked and against what, and what cannot be said.
import type { Finding, ReportedKey, Verdict, VerifyReport } from '@audit/core';
import { FINDING_VERDICTS } from '@audit/core';
import type { Colors, Output } from '../terminal.ts';
import { labelled, wrap } from './columns.ts';
import { count, counted, entryCount, place } from './quantity.ts';
import { visible } from './visible.ts';

/** What the report needs to know beside the library's answer. */
export interface ReportContext {
  readonly directory: string;
  /** `time` of the last entry under the checkpoint; null where it cannot be read. */
  readonly lastTime: string | null;
  /** The part asked for, as sequence numbers; absent: all. */
  readonly range?: { readonly from: number; readonly to: number };
  readonly hashesOnly: boolean;
  /** Size of the largest checkpoint given with `--since`; null where none was. */
  readonly sinceSize: number | null;
}

const PAINTS: Readonly<Record<Verdict, keyof Colors & ('green' | 'red' | 'yellow')>> = {
  intact: 'green',
  tampered: 'red',
  unverifiable: 'yellow',
};

const HEADLINES: Readonly<Record<Verdict, string>> = {
  intact: 'INTACT',
  tampered: 'TAMPERED',
  unverifiable: 'COULD NOT BE CHECKED',
};

/** The whole report, ready to be written. */
export function renderReport(report: VerifyReport, context: ReportContext, output: Output): string {
  const sections = [
    headline(report, context, output.colors),
    ...(report.checkpoint === null ? [] : [facts(report, context, output.columns)]),
    findings(report.findings, output),
    limits(report, context, output.columns),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

/** The verdict, as loud as it should be. */
export function verdictWords(verdict: Verdict, colors: Colors): string {
  return colors.bold(colors[PAINTS[verdict]](HEADLINES[verdict]));
}

function headline(report: VerifyReport, context: ReportContext, colors: Colors): string[] {
  const words = verdictWords(report.verdict, colors);
  const name = visible(report.checkpoint?.origin ?? context.directory);
  if (report.verdict !== 'intact') {
    const first = report.firstBadSeq === null ? '' : `, first at entry ${report.firstBadSeq}`;
    return [`${words}  ${name}${first}`];
  }
  const asOf = context.lastTime === null ? '' : ` as of ${visible(context.lastTime)}`;
  const extent =
    context.range === undefined
      ? `at ${entryCount(report.size)}`
      : `${place(context.range)} of ${count(report.size)}`;
  return [`${words}  ${name}, ${extent}${asOf}`];
}

function facts(report: VerifyReport, context: ReportContext, columns: number): string[] {
  const { checkpoint, size } = report;
  const rows: [string, string][] = [
    ['checked', checkedWords(report, context)],
    ['checkpoint', `size ${count(size)}, root ${visible(checkpoint!.root)}`],
  ];
  if (context.lastTime !== null) rows.push(['last entry', visible(context.lastTime)]);
  for (const [index, key] of report.keys.entries()) rows.push([index === 0 ? 'key' : '', keyWords(key)]);
  return labelled(rows, columns - 2).map((line) => `  ${line}`);
}

function checkedWords(report: VerifyReport, { range, hashesOnly }: ReportContext): string {
  const of = `${count(report.entriesChecked)} of ${entryCount(report.size)}`;
  const part = range === undefined ? '' : '; of the others only the stored hashes were used';
  const how = hashesOnly ? '; hashes only, the form of the entries was not looked at' : '';
  return of + part + how;
}

/** A pinned key says who; a key taken from the log only says that the log agrees with itself. */
export function keyWords(key: ReportedKey): string {
  const name = `${visible(key.name)}+${visible(key.id)} (${visible(key.type)})`;
  const symmetric = key.type === 'hmac-sha256' ? '; symmetric: proves nothing to a third party' : '';
  return key.pinned
    ? `${name}, pinned${symmetric}`
    : `${name}, taken from the log itself: proves consistency, not origin${symmetric}`;
}

function findings(all: readonly Finding[], output: Output): string[] {
  if (all.length === 0) return [];
  const { colors, columns } = output;
  const lines = all.flatMap((finding) => {
    const verdict = finding.verdict ?? FINDING_VERDICTS[finding.code];
    const paint = verdict === 'intact' ? colors.dim : colors[PAINTS[verdict]];
    const at = [place(finding.seq), finding.id === undefined ? '' : `id ${visible(finding.id)}`];
    const where = at.filter((part) => part !== '').join(', ');
    const head = `  ${paint(visible(finding.code))}${where === '' ? '' : `  ${where}`}`;
    return [head, ...wrap(visible(finding.message), columns - 4).map((line) => `    ${line}`)];
  });
  return [counted(all.length, 'finding'), ...lines];
}

// Said every time, and most of all when all is well: what no reading of these files alone can show.
function limits(report: VerifyReport, context: ReportContext, columns: number): string[] {
  const sentences: string[] = [];
  if (report.verdict !== 'tampered' && report.keys.some((key) => !key.pinned)) {
    sentences.push(
      'Whose log this is: no key was pinned. Whoever can write the directory could have written all of it under a ' +
        'key of their own. Give the verifier key you keep elsewhere with --key.',
    );
  }
  if (report.verdict === 'intact' && context.range !== undefined) {
    sentences.push(`What the other entries say: only ${place(context.range)} were read.`);
  }
  if (report.verdict === 'intact') sentences.push(rollback(report, context));
  if (sentences.length === 0) return [];
  return [
    'What this cannot say',
    ...sentences.flatMap((sentence) => wrap(sentence, columns - 2)).map((line) => `  ${line}`),
  ];
}

function rollback({ size }: VerifyReport, { sinceSize, lastTime }: ReportContext): string {
  const asOf = lastTime === null ? '' : ` as of ${visible(lastTime)}`;
  const covered =
    sinceSize === null
      ? 'Give one that you kept with --since.'
      : `The one given with --since covers the first ${entryCount(Math.min(sinceSize, size))}.`;
  return (
    `Whether there was more: the log is intact at ${count(size)}${asOf}, and so it would be if somebody had put an ` +
    'older signed state of it back. Only something kept outside this machine (a checkpoint, a receipt, a witness) ' +
    `bounds such a rollback. ${covered}`
  );
}
