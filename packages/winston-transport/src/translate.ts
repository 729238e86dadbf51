// One log record as one audit event. Reads the record, never writes to it; the log converts and copies it at once.
import { stripVTControlCharacters } from 'node:util';
import {
  type AuditEvent,
  CATALOGUE,
  type JsonObject,
  type Level,
  type Outcome,
  type Resource,
} from '@audit/core';
import { readDetails } from './details.ts';
import { errorIn, isError } from './errors-in.ts';
import { isUncaught, type LogInfo, levelOf, SPLAT } from './info.ts';
import { graver } from './levels.ts';

/** The type of an entry whose record names none and holds no error. */
export const RECORD_TYPE = 'application.log';
/** The type of one that holds an error. */
export const ERROR_TYPE = 'system.error';
/** The category of a type that the catalogue does not know and the record gives no category for. */
export const RECORD_CATEGORY = 'system_health';

/**
 * @param mark the member that marks a record
 * @param level the record's level, as the audit log names it
 */
export function translate(info: LogInfo, mark: string | symbol, level: Level): AuditEvent {
  const { event: details, rest } = readDetails(read(info, mark));
  const error = errorIn(info);
  const type = details.type ?? (error === undefined ? RECORD_TYPE : ERROR_TYPE);
  const known = CATALOGUE.get(type);
  const outcome = details.outcome ?? outcomeOf(level, error);
  const category = details.category ?? (known === undefined ? RECORD_CATEGORY : undefined);
  return {
    type,
    operation: details.operation ?? operationOf(info),
    resource: details.resource ?? resourceOf(info),
    outcome,
    category,
    level:
      details.level ?? (details.type === undefined ? level : gravest(type, level, outcome, details.data)),
    occurredAt: details.occurredAt,
    error: details.error ?? (error === undefined ? undefined : envelopeOf(error)),
    actor: details.actor,
    trace: details.trace,
    data: { ...details.data, record: recordOf(info, mark, error, rest) },
  };
}

/** A record does not say how something ended, unless it is of an error. */
function outcomeOf(level: Level, error: unknown): Outcome {
  return error !== undefined || level === 'error' || level === 'critical' ? 'failure' : 'unknown';
}

/** An event of the catalogue is at least as grave as the catalogue says. */
function gravest(type: string, level: Level, outcome: Outcome, data: AuditEvent['data']): Level {
  const rule = CATALOGUE.get(type)?.level;
  if (rule === undefined) return level;
  return graver(level, typeof rule === 'string' ? rule : rule({ outcome, data: (data ?? {}) as JsonObject }));
}

/** Colours are a matter of the terminal: they stay in the record, and out of what is searched for. */
function operationOf(info: LogInfo): string {
  if (isUncaught(info)) return info.exception === true ? 'uncaughtException' : 'unhandledRejection';
  const { message } = info;
  const text = isError(message) ? message.message : typeof message === 'object' ? '' : String(message ?? '');
  return stripVTControlCharacters(text) || 'log record';
}

/** winston's own habit is a `service` in `defaultMeta`, and a `label` by the format of that name. */
function resourceOf(info: LogInfo): Resource {
  for (const [type, id] of [
    ['service', info.service],
    ['logger', info.label],
  ] as const) {
    if (typeof id === 'string' && id !== '') return { type, id };
  }
  return { type: 'logger', id: 'winston' };
}

function envelopeOf(error: { readonly message: string; readonly name?: string; readonly code?: unknown }) {
  return error as NonNullable<AuditEvent['error']>;
}

/** What winston was given, apart from what stands elsewhere in the event. */
function recordOf(
  info: LogInfo,
  mark: string | symbol,
  error: unknown,
  rest: unknown,
): Record<string, unknown> {
  const meta = metaOf(info, mark, error);
  const splat = splatOf(info, error);
  return {
    level: levelOf(info),
    message: isError(info.message) ? info.message.message : info.message,
    ...(Object.keys(meta).length > 0 && { meta }),
    ...(splat.length > 0 && { splat }),
    ...(error !== undefined && { error }),
    ...(rest !== undefined && { audit: rest }),
  };
}

/** `trace` of an uncaught exception is its stack once more. */
const UNCAUGHT_NOISE = new Set(['exception', 'rejection', 'trace', 'stack', 'date']);

function metaOf(info: LogInfo, mark: string | symbol, error: unknown): Record<string, unknown> {
  const uncaught = isUncaught(info);
  const meta: Record<string, unknown> = Object.create(null);
  for (const key of Object.keys(info)) {
    if (key === 'level' || key === 'message' || key === mark) continue;
    if (error !== undefined && (key === 'stack' || key === 'cause')) continue;
    if (uncaught && UNCAUGHT_NOISE.has(key)) continue;
    const value = read(info, key);
    if (value !== error || error === undefined) meta[key] = value;
  }
  return meta;
}

/** Arguments after the message, without those whose members winston has made members of the record. */
function splatOf(info: LogInfo, error: unknown): unknown[] {
  const splat = info[SPLAT];
  if (!Array.isArray(splat)) return [];
  return splat.filter((argument) => argument !== error && !isMerged(argument, info));
}

function isMerged(argument: unknown, info: LogInfo): boolean {
  if (typeof argument !== 'object' || argument === null || Array.isArray(argument)) return false;
  return Object.keys(argument).every(
    (key) => key === 'message' || key === 'level' || read(argument, key) === read(info, key),
  );
}

/** A getter that throws costs its own member. */
function read(container: object, key: string | symbol): unknown {
  try {
    return (container as Record<string | symbol, unknown>)[key];
  } catch {
    return '[Unreadable]';
  }
}
