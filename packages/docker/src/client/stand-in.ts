// Something that is an object of dockerode in every respect but for some of its methods. Imports nothing.

export type Method = (...args: unknown[]) => unknown;

const originals = new WeakMap<object, object>();

/**
 * `target` with other methods. Its own methods see the stand-in as `this`, so that those which call each other
 * (`run` creates and starts a container) call the ones given here.
 */
export function standIn<T extends object>(target: T, methods: Readonly<Record<string, Method>>): T {
  const own = new Map(Object.entries(methods).filter(([name]) => name in target));
  const proxy = new Proxy(target, {
    get: (object, name, receiver) =>
      (typeof name === 'string' ? own.get(name) : undefined) ?? Reflect.get(object, name, receiver),
    // Whoever wraps one of these calls it in turn: as a method of `target` it would be called by itself, without end.
    set: (object, name, value, receiver) => {
      if (typeof name !== 'string' || !own.has(name)) return Reflect.set(object, name, value, receiver);
      own.set(name, value);
      return true;
    },
  });
  originals.set(proxy, target);
  return proxy;
}

/** What `object` stands in for; itself where it is no stand-in. */
export function originalOf<T extends object>(object: T): T {
  return (originals.get(object) as T | undefined) ?? object;
}

/** Calls a method that may have been replaced on the object meanwhile. */
export function methodOf(target: object, name: string): Method {
  return (target as Readonly<Record<string, Method>>)[name] as Method;
}
