// One entry as one line for a person at a terminal.
import type { Entry, Level } from '@audit/core';
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
  const rest = ` ${pad(entry.type, 13)} ${pad(entry.outcome, 8)} ${whatOf(entry)}`;
  return (
    dim(start) + colorOf(entry.level)(level) + clip(visible(rest), columns - start.length - level.length)
  );
}

/** Some terminals do not know their width and say 0. */
function terminalColumns(): number {
  return process.stdout.columns || 80;
}

function whatOf({ type, operation, resource, actor }: Entry): string {
  const by = actor === undefined || actor.type === 'anonymous' ? '' : ` by ${actor.id}`;
  // The operation of a request names its route already.
  return type === 'http.request' ? operation + by : `${operation}: ${resource.type} ${resource.id}${by}`;
}

function colorOf(level: Level): (text: string) => string {
  if (level === 'error' || level === 'critical') return red;
  if (level === 'security' || level === 'warning') return yellow;
  return (text) => text;
}
