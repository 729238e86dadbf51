// From a logger's levels to those of the audit log. Imports core's model.
import { LEVELS, type Level } from '@audit/core';
import { type LogInfo, levelOf } from './info.ts';

/** The levels of winston's npm, syslog and cli sets, and what custom sets commonly call theirs. */
export const DEFAULT_LEVELS: Readonly<Record<string, Level>> = {
  emerg: 'critical',
  alert: 'critical',
  crit: 'critical',
  critical: 'critical',
  fatal: 'critical',
  error: 'error',
  security: 'security',
  warning: 'warning',
  warn: 'warning',
  notice: 'info',
  help: 'info',
  data: 'info',
  info: 'info',
  http: 'info',
  prompt: 'info',
  input: 'info',
  verbose: 'debug',
  debug: 'debug',
  trace: 'debug',
  silly: 'debug',
};

/** A logger's own table: name → number, 0 the gravest. */
export type LoggerLevels = Readonly<Record<string, number>>;

/** Knows every level of a logger, those of custom names by their neighbours. */
export class LevelMap {
  readonly #named: ReadonlyMap<string, Level>;
  #all: ReadonlyMap<string, Level>;

  /** @param own what the application says of its levels; wins over `DEFAULT_LEVELS` */
  constructor(own: Readonly<Record<string, Level>>) {
    this.#named = new Map([...Object.entries(DEFAULT_LEVELS), ...Object.entries(own)]);
    this.#all = this.#named;
  }

  /** Takes over the table of a logger. */
  learn(levels: LoggerLevels): void {
    const ordered = Object.keys(levels).sort((a, b) => (levels[a] ?? 0) - (levels[b] ?? 0));
    const all = new Map(this.#named);
    for (const [at, name] of ordered.entries()) {
      if (!all.has(name)) all.set(name, this.#neighbour(ordered, at));
    }
    this.#all = all;
  }

  /** The audit level of a record; `info` where nothing is known of its level. */
  of(info: LogInfo): Level {
    return this.#all.get(levelOf(info)) ?? 'info';
  }

  /** A level without a name we know is at least as grave as the next known one below it; the last ones are like the one above. */
  #neighbour(ordered: readonly string[], at: number): Level {
    const below = ordered.slice(at + 1).find((name) => this.#named.has(name));
    const above = ordered.slice(0, at).findLast((name) => this.#named.has(name));
    const neighbour = below ?? above;
    return (neighbour === undefined ? undefined : this.#named.get(neighbour)) ?? 'info';
  }
}

export function graver(a: Level, b: Level): Level {
  return LEVELS.indexOf(a) > LEVELS.indexOf(b) ? a : b;
}
