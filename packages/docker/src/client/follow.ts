// Calls a method of dockerode in the style its caller has chosen, callback or promise, and sees how it ends. Imports
// nothing.

/** What is followed of a call. Neither may throw. */
export interface Following {
  /** Has to be done before the engine is asked. */
  readonly before?: (() => Promise<void>) | undefined;
  /** Sees the end, and answers what the caller is handed instead of `value`. */
  readonly ended: (error: unknown, value: unknown) => unknown;
}

type Method = (...args: unknown[]) => unknown;
type Callback = (error: unknown, value?: unknown, ...rest: unknown[]) => void;

/** @param target an object of dockerode, whose `modem` knows which promises the application wants */
export function follow(
  target: object,
  method: Method,
  args: readonly unknown[],
  { before, ended }: Following,
): unknown {
  const callback = args.at(-1);
  if (typeof callback === 'function') {
    const told: Callback = (error, value, ...rest) => {
      const answer = ended(error, value);
      (callback as Callback)(error, error ? value : answer, ...rest);
    };
    const call = () => method.apply(target, [...args.slice(0, -1), told]);
    if (before === undefined) return call();
    before()
      .then(call)
      .catch((error: unknown) => process.nextTick(told, error, null));
    return undefined;
  }
  const call = () => method.apply(target, [...args]);
  const answer = before === undefined ? call() : promises(target).resolve(before()).then(call);
  return promises(target)
    .resolve(answer)
    .then(
      (value) => ended(undefined, value),
      (error: unknown) => {
        ended(error, undefined);
        throw error;
      },
    );
}

/** dockerode takes a promise library of the application's own: `new Docker({ Promise })`. */
function promises(target: object): PromiseConstructor {
  return (target as { readonly modem?: { readonly Promise?: PromiseConstructor } }).modem?.Promise ?? Promise;
}
