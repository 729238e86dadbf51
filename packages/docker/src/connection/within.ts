// A wait that ends. Imports nothing.

/** Longest wait for an answer of the engine, in milliseconds. Events are waited for without end. */
export const ANSWER_TIMEOUT = 30_000;

/** What `promise` settles with, or a rejection after `milliseconds`. Leaves no timer behind. */
export async function within<T>(milliseconds: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new Error(`The engine did not answer within ${milliseconds} ms (${what}).`)),
      milliseconds,
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
