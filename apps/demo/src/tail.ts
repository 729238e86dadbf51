// One entry, or log record, as one line for a person at a terminal.
import type { Entry, Level } from '@audit/core';
import type { LogRecord } from './logger.ts';
import { clip, dim, pad, red, yellow } from './print.ts';

/** Characters that act on a terminal or hide in it: controls, bidi and other format characters, separators. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Shows what an attacker would rather have interpreted: `\u{202e}` instead of text that runs backwards. */
export function visible(text: string): string {
  return text.replace(HIDDEN, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
}

/** `seq time level type outcome operation resource`, in one line of at most `columns`. */
export function entryLine(entry: Entry, columns = terminalColumns()): string {
  const start = `${String(entry.seq).padStart(5)} ${entry.time.slice(11, 19)} `;
  const level = pad(entry.level, 8);
  const rest = ` ${pad(entry.type, 15)} ${pad(entry.outcome, 7)} ${whatOf(entry)}`;
  return (
    dim(start) + colorOf(entry.level)(level) + clip(visible(rest), columns - start.length - level.length)
  );
}

/** `time level winston message` under the same columns, without a number: a record is not an entry. */
export function recordLine(record: LogRecord, columns = terminalColumns()): string {
  const start = `${' '.repeat(6)}${record.timestamp.slice(11, 19)} ${pad(record.level, 8)}`;
  const text = record.message + (record.audit ? ' (audit: true)' : '');
  return dim(clip(`${start} ${pad('winston', 23)} ${visible(text)}`, columns));
}

/** Some terminals do not know their width and say 0. */
function terminalColumns(): number {
  return process.stdout.columns || 80;
}

function whatOf({ type, operation, resource, actor }: Entry): string {
  const by = actor === undefined || actor.type === 'anonymous' ? '' : ` by ${actor.id}`;
  // The operation of a request names its route already, and that of a log record is its message.
  const complete = type === 'http.request' || type === 'application.log';
  return complete ? operation + by : `${operation}: ${resource.type} ${resource.id}${by}`;
}

function colorOf(level: Level): (text: string) => string {
  if (level === 'error' || level === 'critical') return red;
  if (level === 'security' || level === 'warning') return yellow;
  return (text) => text;
}
