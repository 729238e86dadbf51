// What a run found: the JSON of `--json`, and the same as a table.
import type { Machine } from './machine.ts';
import { median, type Ratio } from './statistics.ts';

export interface Result {
  readonly name: string;
  readonly unit: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export interface Report {
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  /** How it was run, enough to run it again. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly results: readonly Result[];
  readonly ratios: Readonly<Record<string, Ratio>>;
}

export function resultOf(name: string, unit: string, values: readonly number[]): Result {
  return { name, unit, median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

export function formatReport({ machine, versions, settings, results, ratios }: Report): string {
  const { processor, cores, memoryBytes, system, fileSystem } = machine;
  const memory = `${Math.round(memoryBytes / 2 ** 30)} GiB`;
  const used = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const chosen = Object.entries(settings).map(([name, value]) => `${name} ${String(value)}`);
  const figures = results.map(({ name, unit, median: middle, min, max }) => [
    name,
    ...[middle, min, max].map(shortNumber),
    unit,
  ]);
  const compared = Object.entries(ratios).map(([name, { ratio, lower, upper }]) => [
    name,
    ...[ratio, lower, upper].map((value) => value.toFixed(3)),
  ]);
  return [
    `${processor}, ${cores} cores, ${memory}, ${system}, ${fileSystem}`,
    used.join(', '),
    chosen.join(', '),
    '',
    ...table(['figure', 'median', 'min', 'max', 'unit'], figures),
    ...(compared.length === 0
      ? []
      : ['', ...table(['ratio (paired rounds)', 'median', '95 % from', 'to'], compared)]),
  ].join('\n');
}

function shortNumber(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

/** First column to the left, the others to the right. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  return [head, ...rows].map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd(),
  );
}
