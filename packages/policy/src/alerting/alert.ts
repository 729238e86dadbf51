// One alert: what it says, and the id by which whoever gets it twice knows it.
import { createHash } from 'node:crypto';
import type { Actor, Category, Entry, JsonObject, JsonValue, Level, Outcome, Resource } from '@audit/core';

/** The entry an alert is about, without its `data`: that stays in the log. */
export interface AlertEntry {
  readonly seq: number;
  readonly id: string;
  readonly time: string;
  readonly type: string;
  readonly category: Category;
  readonly level: Level;
  readonly operation: string;
  readonly resource: Resource;
  readonly outcome: Outcome;
  readonly actor?: Actor;
}

/** What is sent, and kept until it is delivered. JSON. */
export interface Alert {
  readonly v: 1;
  /** The same however often it is sent. */
  readonly id: string;
  readonly rule: string;
  readonly severity: Level;
  /** Name of the log. */
  readonly origin: string;
  /** When the rule fired: RFC 3339, UTC. */
  readonly at: string;
  /** One sentence. */
  readonly summary: string;
  /** Pointer and value of what the rule groups by. */
  readonly group?: Readonly<Record<string, JsonValue>>;
  readonly count?: number;
  readonly windowMs?: number;
  /** The rule fired so many times more since it last told of this. */
  readonly suppressed?: number;
  /** The entry that fired the rule. */
  readonly entry?: AlertEntry;
  /** What is known of a condition. */
  readonly facts?: JsonObject;
}

/**
 * The id of what fired: of the same entry under the same rule always the same, so that looking at the log again after a
 * crash makes no second alert.
 */
export function alertId(...parts: readonly (string | number)[]): string {
  return `alert_${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)}`;
}

export function alertEntry(entry: Entry): AlertEntry {
  const { seq, id, time, type, category, level, operation, resource, outcome, actor } = entry;
  const told = { seq, id, time, type, category, level, operation, resource, outcome };
  return actor === undefined ? told : { ...told, actor };
}

/** For people: the summary, and a line for each fact. */
export function alertLines(alert: Alert): readonly string[] {
  const { rule, severity, origin, at, id, group = {}, suppressed, entry, facts = {} } = alert;
  const more = Object.entries(facts).map(([name, value]) => line(name, value));
  return [
    `${severity}: ${alert.summary}`,
    '',
    line('rule', rule),
    line('log', origin),
    line('at', at),
    ...Object.entries(group).map(([pointer, value]) => line(pointer, value)),
    ...(suppressed === undefined ? [] : [line('more since the last alert', suppressed)]),
    ...(entry === undefined ? [] : entryLines(entry)),
    ...more,
    line('alert', id),
  ];
}

function entryLines({ seq, time, type, level, operation, resource, outcome, actor }: AlertEntry): string[] {
  const lines = [
    line('entry', `${seq} at ${time}`),
    line('type', `${type} (${level}, ${outcome})`),
    line('operation', operation),
    line('resource', `${resource.type} ${resource.id}`),
  ];
  if (actor !== undefined) {
    lines.push(
      line('actor', `${actor.type} ${actor.id}${actor.ip === undefined ? '' : ` from ${actor.ip}`}`),
    );
  }
  return lines;
}

function line(name: string, value: JsonValue | undefined): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return `${name}: ${oneLine(text)}`;
}

/** Longer texts are cut, in characters. */
const MAX_LINE = 1_000;

/** Nothing in an event can begin a line, or a header, of its own. */
export function oneLine(text: string): string {
  const line = text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
  return line.length > MAX_LINE ? `${line.slice(0, MAX_LINE - 1)}…` : line;
}
