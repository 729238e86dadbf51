// Whoever wants to hear of a watch. Imports nothing.

/** A listener that throws harms nobody. */
export class Listeners<Events> {
  readonly #listeners = new Map<keyof Events, Set<(event: never) => void>>();

  add<K extends keyof Events>(name: K, listener: (event: Events[K]) => void): () => void {
    const those = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, those);
    those.add(listener);
    return () => those.delete(listener);
  }

  tell<K extends keyof Events>(name: K, event: Events[K]): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      try {
        const answer: unknown = (listener as (event: Events[K]) => unknown)(event);
        // One that is async and rejects would otherwise end the process.
        if (answer instanceof Promise) answer.catch(() => {});
      } catch {
        // What a listener does is its own matter.
      }
    }
  }

  clear(): void {
    this.#listeners.clear();
  }
}
