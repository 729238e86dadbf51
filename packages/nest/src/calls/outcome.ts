// What an exception means as an outcome, whichever transport it was thrown under. Imports core types only.
import type { Outcome } from '@audit/core';

/** events.md, *HTTP*: these refuse. */
const DENIED = new Set([401, 403, 407]);
/** The message of the exception that Nest throws for a guard that returns false, in every context. */
const FORBIDDEN_MESSAGE = 'Forbidden resource';

/** `extensions.code` of the errors by which GraphQL refuses, as Apollo and Nest's drivers name them. */
const DENIED_CODES: readonly unknown[] = ['UNAUTHENTICATED', 'FORBIDDEN'];

/**
 * By the status of the exception, or the code of a GraphQL error, where it has one; a guard's refusal without either
 * is told by its message.
 */
export function outcomeOfError(error: unknown): Outcome {
  const { extensions } = (error ?? {}) as { extensions?: { code?: unknown } | null };
  if (DENIED_CODES.includes(extensions?.code)) return 'denied';
  const status = statusOf(error) ?? statusOf((error as { getError?: () => unknown } | null)?.getError?.());
  if (status !== undefined) return outcomeOfStatus(status) === 'denied' ? 'denied' : 'failure';
  return (error as { message?: unknown } | null)?.message === FORBIDDEN_MESSAGE ? 'denied' : 'failure';
}

export function outcomeOfStatus(status: number): Outcome {
  if (DENIED.has(status)) return 'denied';
  return status < 400 ? 'success' : 'failure';
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { getStatus, status, statusCode } = error as Record<string, unknown>;
  const found = typeof getStatus === 'function' ? getStatus.call(error) : (status ?? statusCode);
  return typeof found === 'number' ? found : undefined;
}
