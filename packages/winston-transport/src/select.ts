// Which records become audit events: the application's rule, made one function. Imports nothing of core.
import { isUncaught, type LogInfo, levelOf } from './info.ts';
import type { LoggerLevels } from './levels.ts';

/**
 * - `'marked'`: records with `audit: true` or `audit: { … }`
 * - `'all'`: every record that passes winston's own `level`, but those with `audit: false`
 * - `{ level }`: records of this winston level or graver, but those with `audit: false`; and the marked ones
 * - a function: true for a record that becomes an event; nothing else is asked
 */
export type Selection = 'marked' | 'all' | { readonly level: string } | ((info: LogInfo) => boolean);

/** What a rule may look at beside the record. */
export interface SelectionContext {
  readonly mark: string | symbol;
  /** The logger's table of levels; undefined for a transport that was added to none. */
  readonly levels: LoggerLevels | undefined;
  readonly handleRejections: boolean;
}

export function isSelected(selection: Selection, info: LogInfo, context: SelectionContext): boolean {
  if (typeof selection === 'function') return selection(info) === true;
  // winston itself holds back exceptions from a transport that does not handle them, but not rejections.
  if (isUncaught(info)) return info.exception === true || context.handleRejections;
  const marked = info[context.mark];
  if (marked === true || (typeof marked === 'object' && marked !== null)) return true;
  if (marked === false || selection === 'marked') return false;
  return selection === 'all' || isAsGrave(info, selection.level, context.levels);
}

function isAsGrave(info: LogInfo, than: string, levels: LoggerLevels | undefined): boolean {
  const limit = levels?.[than];
  const level = levels?.[levelOf(info)];
  // A level the logger does not know may be the gravest of all.
  return limit === undefined || level === undefined || level <= limit;
}

/** @throws RangeError where the logger has no such level */
export function checkLevel(selection: Selection, levels: LoggerLevels): void {
  if (typeof selection !== 'object' || Object.hasOwn(levels, selection.level)) return;
  throw new RangeError(
    `options.select.level is '${selection.level}', but the logger has ${Object.keys(levels).join(', ')}`,
  );
}
