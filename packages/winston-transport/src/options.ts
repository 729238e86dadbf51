// The options of the transport, their defaults, and the check that they are what they say.
import { type AuditEvent, type AuditLog, LEVELS, type Level } from '@audit/core';
import type TransportStream from 'winston-transport';
import type { LogInfo } from './info.ts';
import type { Selection } from './select.ts';

/** Only records that say so become events. */
export const DEFAULT_SELECT: Selection = 'marked';
/** The member that marks a record. */
export const DEFAULT_MARK = 'audit';
/** How long `finish` waits for the log, in milliseconds, before it is said that it will not come. */
export const DEFAULT_FLUSH_TIMEOUT = 10_000;
/** Where the log has no room, records are dropped, and counted. */
export const DEFAULT_OVERLOAD: Overload = 'drop';
/** Records the spool holds at most. */
export const DEFAULT_SPOOL_RECORDS = 65_536;
/** Failures are told by `warn`. */
export const DEFAULT_STRICT = false;

/**
 * What happens where the log has no room, or is not there:
 * - `'drop'`: the record is dropped, counted, and told in `log.gap`
 * - `'spool'`: it waits in a bounded file; beyond the bound it is dropped
 * - `'sync'`: it waits in a file that is synced before the log call returns, and is bounded by the disk only
 */
export type Overload = 'drop' | 'spool' | 'sync';

export interface AuditTransportOptions
  extends Pick<
    TransportStream.TransportStreamOptions,
    'format' | 'level' | 'silent' | 'handleExceptions' | 'handleRejections'
  > {
  /** The log to record in. Default: `getAuditLog()`, looked up for each record. */
  readonly log?: AuditLog;
  /** Which records become audit events. Default `'marked'`. */
  readonly select?: Selection;
  /**
   * The member that marks a record. A symbol cannot come from what a client sent, so it is the choice where meta
   * may hold that. Default `audit`.
   */
  readonly mark?: string | symbol;
  /** Level of the logger → level of the audit log, beside `DEFAULT_LEVELS`. */
  readonly levels?: Readonly<Record<string, Level>>;
  /** Has the last word on the event: given the record and its translation, returns what is recorded. */
  readonly event?: (info: LogInfo, event: AuditEvent) => AuditEvent;
  /** What happens at overload. Default `'drop'`. */
  readonly overload?: Overload;
  /** Directory of the spool, for this transport alone; private, better on another volume. Needed to spool. */
  readonly spoolDirectory?: string;
  /** Records the spool holds at most, where it is bounded. Default 65,536. */
  readonly spoolRecords?: number;
  /** Tell failures by `error`, which ends the process where nobody listens, instead of `warn`. Default false. */
  readonly strict?: boolean;
  /** Milliseconds that `finish` and `flush()` wait for the log. Default 10,000. */
  readonly flushTimeout?: number;
}

/** The options with every default filled in. */
export interface TransportSettings {
  readonly log: AuditLog | undefined;
  readonly select: Selection;
  readonly mark: string | symbol;
  readonly levels: Readonly<Record<string, Level>>;
  readonly event: AuditTransportOptions['event'];
  readonly strict: boolean;
  readonly flushTimeout: number;
  /** Undefined where records are dropped. */
  readonly spool: SpoolSettings | undefined;
}

export interface SpoolSettings {
  readonly directory: string;
  /** Sync each record before the log call returns. */
  readonly sync: boolean;
  /** Records it holds at most. */
  readonly maxLines: number;
}

const OWN = [
  ...['log', 'select', 'mark', 'levels', 'event', 'strict', 'flushTimeout'],
  ...['overload', 'spoolDirectory', 'spoolRecords'],
];
const OF_WINSTON = ['format', 'level', 'silent', 'handleExceptions', 'handleRejections'];

/** @throws TypeError naming the option that is unknown or not of its type; RangeError for a value out of range */
export function resolveOptions(options: AuditTransportOptions): TransportSettings {
  if (typeof options !== 'object' || options === null) throw new TypeError('options must be an object');
  const known = [...OWN, ...OF_WINSTON];
  const unknown = Object.keys(options).find((key) => !known.includes(key));
  if (unknown !== undefined) {
    throw new TypeError(`options.${unknown} is not an option; there are ${known.join(', ')}`);
  }
  const { log, select = DEFAULT_SELECT, mark = DEFAULT_MARK, levels = {}, event } = options;
  const { strict = DEFAULT_STRICT, flushTimeout = DEFAULT_FLUSH_TIMEOUT } = options;
  if (log !== undefined && typeof log?.emit !== 'function') {
    throw new TypeError('options.log must be an open audit log: pass what openAuditLog() resolves with');
  }
  if (!isSelection(select)) {
    throw new TypeError("options.select must be 'marked', 'all', { level: 'warn' } or a function");
  }
  if (typeof mark !== 'symbol' && (typeof mark !== 'string' || ['', 'level', 'message'].includes(mark))) {
    throw new TypeError('options.mark must be a symbol, or a name other than level and message');
  }
  checkLevels(levels);
  if (event !== undefined && typeof event !== 'function')
    throw new TypeError('options.event must be a function');
  if (typeof strict !== 'boolean') throw new TypeError('options.strict must be true or false');
  if (typeof flushTimeout !== 'number' || !(flushTimeout >= 1 && flushTimeout <= 2 ** 31 - 1)) {
    throw new RangeError(`options.flushTimeout must be 1 to ${2 ** 31 - 1} milliseconds`);
  }
  return { log, select, mark, levels, event, strict, flushTimeout, spool: spoolOf(options) };
}

function spoolOf(options: AuditTransportOptions): SpoolSettings | undefined {
  const { overload = DEFAULT_OVERLOAD, spoolDirectory, spoolRecords } = options;
  if (overload !== 'drop' && overload !== 'spool' && overload !== 'sync') {
    throw new TypeError("options.overload must be 'drop', 'spool' or 'sync'");
  }
  if (overload === 'drop') {
    const useless = spoolDirectory !== undefined ? 'spoolDirectory' : 'spoolRecords';
    if (options[useless] === undefined) return undefined;
    throw new TypeError(`options.${useless} needs overload: 'spool' or 'sync'`);
  }
  if (typeof spoolDirectory !== 'string' || spoolDirectory === '') {
    throw new TypeError(`options.overload '${overload}' needs a spoolDirectory`);
  }
  if (overload === 'sync') {
    if (spoolRecords !== undefined) throw new TypeError("options.spoolRecords is for overload: 'spool'");
    return { directory: spoolDirectory, sync: true, maxLines: Number.POSITIVE_INFINITY };
  }
  const maxLines = spoolRecords ?? DEFAULT_SPOOL_RECORDS;
  if (!Number.isSafeInteger(maxLines) || maxLines < 1) {
    throw new RangeError('options.spoolRecords must be a whole number from 1 on');
  }
  return { directory: spoolDirectory, sync: false, maxLines };
}

function isSelection(select: unknown): select is Selection {
  if (typeof select === 'object' && select !== null) {
    return typeof (select as { readonly level?: unknown }).level === 'string';
  }
  return select === 'marked' || select === 'all' || typeof select === 'function';
}

function checkLevels(levels: Readonly<Record<string, Level>>): void {
  if (typeof levels !== 'object' || levels === null) {
    throw new TypeError("options.levels must be an object such as { fatal: 'critical' }");
  }
  for (const [name, level] of Object.entries(levels)) {
    if (!LEVELS.includes(level)) {
      throw new TypeError(`options.levels.${name} must be one of ${LEVELS.join(', ')}`);
    }
  }
}
