// A question to the engine, and how long its answer is waited for.

/**
 * Asks, and gives back the answer.
 * @param question is given what to hand on to dockerode: a request that is given up must not stay in its pool of
 *   connections, where the next one would wait behind it
 * @throws where the engine says no, and after `timeout` milliseconds
 */
export async function ask<T>(
  timeout: number,
  what: string,
  question: (options: { readonly abortSignal: AbortSignal }) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`The engine did not answer within ${timeout} ms (${what}).`));
      controller.abort();
    }, timeout);
  });
  try {
    const answer = question({ abortSignal: controller.signal });
    // Given up, it still rejects, and nobody listens any more.
    answer.catch(() => {});
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
