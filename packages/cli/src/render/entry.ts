// An entry for people: one line of `audit tail`, the whole of it for `audit show`. Every character is visible.
import type { Actor, Entry, Level } from '@audit/core';
import type { Colors } from '../terminal.ts';
import { clip, labelled, pad } from './columns.ts';
import { visible, visibleValue } from './visible.ts';

/** What one field may take of a line of `tail`. */
const FIELD = 60;

/** `seq time level type outcome operation resource actor`, in one line. */
export function entryLine(entry: Entry, colors: Colors): string {
  const cells = [
    colors.dim(String(entry.seq).padStart(6)),
    visible(String(entry.time)),
    levelColor(entry.level, colors)(pad(visible(String(entry.level)), 8)),
    pad(field(entry.type), 18),
    pad(field(entry.outcome), 7),
    field(entry.operation),
    colors.dim('on'),
    field(thing(entry.resource)),
  ];
  if (entry.actor !== undefined) cells.push(colors.dim('by'), field(actorName(entry.actor)));
  return cells.join(' ');
}

/** Every field of the entry, one a line, then its data. `hash` is its leaf hash. */
export function entryDetails(entry: Entry, hash: string, columns: number): string {
  const rows: [string, string][] = [
    ['seq', String(entry.seq)],
    ['time', text(entry.time)],
    ...optional('occurred at', entry.occurredAt),
    ['type', `${text(entry.type)} (${text(entry.category)}, ${text(entry.level)})`],
    ['operation', text(entry.operation)],
    ['outcome', text(entry.outcome)],
    ['resource', fields(entry.resource)],
    ...optional('actor', entry.actor),
    ...optional('trace', entry.trace),
    ...optional('error', entry.error),
    ...optional('redacted', entry.redacted),
    ...optional('cut', entry.cut),
    ['id', text(entry.id)],
    ['prev', text(entry.prev)],
    ['leaf hash', hash],
  ];
  const lines = labelled(rows, columns);
  if (entry.data !== undefined)
    lines.push('data', ...indented(JSON.stringify(visibleValue(entry.data), null, 2)));
  return `${lines.join('\n')}\n`;
}

/** `user u42 (Ada)` */
function thing(value: {
  readonly type: string;
  readonly id: string;
  readonly name?: string | undefined;
}): string {
  return `${value.type} ${value.id}${value.name === undefined ? '' : ` (${value.name})`}`;
}

function actorName(actor: Actor): string {
  return actor.id === actor.type
    ? `${actor.type}${actor.ip === undefined ? '' : ` ${actor.ip}`}`
    : thing(actor);
}

function field(value: string): string {
  return clip(visible(String(value)), FIELD);
}

function optional(label: string, value: unknown): [string, string][] {
  return value === undefined ? [] : [[label, typeof value === 'object' ? fields(value) : text(value)]];
}

/** `type=user id=u42`; nested values as JSON. */
function fields(value: unknown): string {
  if (Array.isArray(value)) return value.map(text).join(' ');
  return Object.entries(value as object)
    .map(([name, item]) => `${visible(name)}=${text(item)}`)
    .join(' ');
}

function text(value: unknown): string {
  return typeof value === 'string' ? visible(value) : JSON.stringify(visibleValue(value));
}

function indented(json: string): string[] {
  return json.split('\n').map((line) => `  ${line}`);
}

function levelColor(level: Level, colors: Colors) {
  if (level === 'critical' || level === 'error') return colors.red;
  if (level === 'security' || level === 'warning') return colors.yellow;
  return level === 'debug' ? colors.dim : colors.cyan;
}
