// The error in a record, wherever winston and its formats have left it. Imports node:util.
import { types } from 'node:util';
import { type LogInfo, SPLAT } from './info.ts';

/** An error as a format may have flattened it into the record. */
export interface FlatError {
  readonly name?: string;
  readonly message: string;
  readonly code?: unknown;
  readonly stack: string;
  readonly cause?: unknown;
}

/**
 * `logger.error(error)`, `logger.error({ message: error })`, `logger.error('failed', error)`, `{ error }` and
 * `{ err }` in the meta, what an uncaught exception was; and what `format.errors({ stack: true })` or a child logger leave of
 * one: a `stack` beside the message.
 */
export function errorIn(info: LogInfo): Error | FlatError | undefined {
  if (isError(info)) return info;
  for (const candidate of [info.message, info.error, info.err]) if (isError(candidate)) return candidate;
  const splat = info[SPLAT];
  const inSplat = Array.isArray(splat) ? splat.find(isError) : undefined;
  if (inSplat !== undefined) return inSplat;
  return typeof info.stack === 'string' ? flatError(info, info.stack) : undefined;
}

export function isError(value: unknown): value is Error {
  return types.isNativeError(value) || value instanceof Error;
}

/** A stack begins with `Name: message` or with the name alone. */
const STACK_NAME = /^([A-Za-z_$][\w$.]*)(?=:|$)/;

function flatError(info: LogInfo, stack: string): FlatError {
  const name = STACK_NAME.exec(stack.split('\n', 1)[0] ?? '')?.[1];
  return {
    ...(name !== undefined && { name }),
    message: String(info.message ?? ''),
    ...(info.code !== undefined && { code: info.code }),
    stack,
    ...(info.cause !== undefined && { cause: info.cause }),
  };
}
