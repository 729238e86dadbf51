// How a call that failed ended, in the words of the log. Imports nothing.

/** Refused by the API is denied, ended by its caller is aborted. */
export function outcomeOf(error: unknown): 'denied' | 'aborted' | 'failure' {
  if (typeof error !== 'object' || error === null) return 'failure';
  const { name, status, code } = error as { name?: unknown; status?: unknown; code?: unknown };
  if (status === 401 || status === 403) return 'denied';
  // `APIUserAbortError` is what the clients of OpenAI and Anthropic make of it.
  return name === 'AbortError' || code === 'ABORT_ERR' || error.constructor.name === 'APIUserAbortError'
    ? 'aborted'
    : 'failure';
}
