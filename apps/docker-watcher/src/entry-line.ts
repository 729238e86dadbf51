// One entry as one line, for whoever watches the watcher.
import type { Entry } from '@audit/core';
import { visible } from './visible.ts';

/** Longer lines are cut; the log has the whole entry. */
const MAX_CHARACTERS = 200;

/** `seq time level type outcome what`, hostile characters made visible. */
export function entryLine(entry: Entry): string {
  const { seq, time, level, type, outcome } = entry;
  const start = `${String(seq).padStart(6)} ${time.slice(11, 19)} ${level.padEnd(8)} ${type.padEnd(18)} `;
  const characters = [...visible(`${outcome.padEnd(8)} ${whatOf(entry)}`)];
  const room = MAX_CHARACTERS - start.length;
  return (
    start + (characters.length <= room ? characters.join('') : `${characters.slice(0, room - 1).join('')}…`)
  );
}

function whatOf({ operation, resource, data }: Entry): string {
  const name = resource.name ?? textIn(data?.container, 'name') ?? shortened(resource.id);
  return [engineOf(data), `${operation}: ${resource.type} ${name}`, ...factsOf(data ?? {})]
    .filter((part) => part !== '')
    .join(' ');
}

/** The engine an entry is about, as it is called in the policy; empty for entries about the log. */
export function engineOf(data: Entry['data']): string {
  return textIn(data?.engine, 'name') ?? '';
}

function textIn(value: unknown, name: string): string | undefined {
  const text = (value as Readonly<Record<string, unknown>> | null | undefined)?.[name];
  return typeof text === 'string' ? text : undefined;
}

/** Ids of containers as the docker command shows them. */
function shortened(id: string): string {
  return /^[0-9a-f]{64}$/.test(id) ? id.slice(0, 12) : id;
}

/** The few facts that make the difference between two lines. */
function factsOf(data: NonNullable<Entry['data']>): readonly string[] {
  const facts = [
    ...['exitCode', 'signal', 'oomKilled'],
    ...['resource', 'phase', 'limit', 'observed', 'unit', 'action', 'result'],
  ];
  const told = facts.flatMap((name) => {
    const value = data[name];
    return value === undefined || value === null || typeof value === 'object' ? [] : [`${name}=${value}`];
  });
  const risks = Array.isArray(data.risks) ? data.risks.length : 0;
  return risks === 0 ? told : [...told, `risks=${risks}`];
}
