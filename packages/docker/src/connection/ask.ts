// A question to the engine, and how long its answer is waited for.

/** How long answers are waited for. */
export interface Patience {
  /** In milliseconds. */
  readonly timeout: number;
  /** From then on for none at all: the watch is stopped. */
  readonly stopped: AbortSignal;
}

/**
 * Asks, and gives back the answer.
 * @param question is given what to hand on to dockerode: a request that is given up must not stay in its pool of
 *   connections, where the next one would wait behind it
 * @throws where the engine says no, and where it does not answer in time
 */
export async function ask<T>(
  { timeout, stopped }: Patience,
  what: string,
  question: (options: { readonly abortSignal: AbortSignal }) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  let giveUp!: (why: string) => void;
  const late = new Promise<never>((_resolve, reject) => {
    giveUp = (why) => {
      reject(new Error(`The engine did not answer ${why} (${what}).`));
      controller.abort();
    };
  });
  const timer = setTimeout(() => giveUp(`within ${timeout} ms`), timeout);
  const stop = () => giveUp('before the watch was stopped');
  stopped.addEventListener('abort', stop);
  if (stopped.aborted) stop();
  try {
    const answer = question({ abortSignal: controller.signal });
    // Given up, it still rejects, and nobody listens any more.
    answer.catch(() => {});
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
    stopped.removeEventListener('abort', stop);
  }
}
