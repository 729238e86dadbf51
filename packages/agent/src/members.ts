// Members of a parsed document, asked for by kind; what is wrong is told by its JSON Pointer.
import { AuditAgentError } from './errors.ts';

export type Members = Readonly<Record<string, unknown>>;

/** @throws AuditAgentError `REPORT_INVALID` */
export function membersAt(value: unknown, pointer: string, format: string): Members {
  if (isMembers(value)) return value;
  throw notOf(format, pointer, 'must be an object', value);
}

/** @throws AuditAgentError `REPORT_INVALID` */
export function listAt(value: unknown, pointer: string, format: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw notOf(format, pointer, 'must be a list', value);
}

/** @throws AuditAgentError `REPORT_INVALID` */
export function textAt(value: unknown, pointer: string, format: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw notOf(format, pointer, 'must be a text', value);
}

/** @throws AuditAgentError `REPORT_INVALID` */
export function wordAt<T>(
  value: unknown,
  words: Readonly<Record<string, T>>,
  pointer: string,
  format: string,
): T {
  if (typeof value === 'string' && Object.hasOwn(words, value)) return words[value] as T;
  throw notOf(format, pointer, `must be one of ${Object.keys(words).join(', ')}`, value);
}

export function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The member, where there is one of that kind. */
export function textIn(value: unknown, name: string): string | undefined {
  const member = isMembers(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  return typeof member === 'string' && member !== '' ? member : undefined;
}

/** An empty one where there is none. */
export function membersIn(value: unknown, name: string): Members {
  const member = isMembers(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  return isMembers(member) ? member : {};
}

/** An empty one where there is none. */
export function listIn(value: unknown, name: string): readonly unknown[] {
  const member = isMembers(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  return Array.isArray(member) ? member : [];
}

function notOf(format: string, pointer: string, what: string, value: unknown): AuditAgentError {
  const shown = (JSON.stringify(value) ?? 'missing').slice(0, 80);
  return new AuditAgentError(
    'REPORT_INVALID',
    `The report is not ${format}: ${pointer} ${what}; it is ${shown}`,
  );
}
