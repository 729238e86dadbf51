// One engine under watch: the handle of the watch, and what it last said of its connection.
import type { DockerWatch } from '@audit/docker';
import type { EngineClient } from './engine-clients.ts';

/** Told of what happens to the watch; each a sentence. */
export type Report = (sentence: string) => void;

export class WatchedEngine {
  readonly watch: DockerWatch;
  readonly #client: EngineClient;
  #away: string | null = null;

  constructor(client: EngineClient, watch: DockerWatch, report: Report) {
    this.#client = client;
    this.watch = watch;
    watch.on('connected', ({ version }) => {
      const again = this.#away === null ? '' : 'again ';
      this.#away = null;
      report(`Engine ${this.name} (${this.location}, version ${version}) is connected ${again}and watched.`);
    });
    watch.on('disconnected', ({ reason }) => {
      // Told once, not at each attempt.
      if (this.#away === null) report(`Engine ${this.name} (${this.location}) is away: ${reason}`);
      this.#away = reason;
    });
    watch.on('gap', ({ reason }) => report(`Engine ${this.name}: something may be missing: ${reason}`));
    watch.on('error', ({ message }) => report(`Engine ${this.name}: ${message}`));
  }

  /** As in entries: its own name once it has answered, where the policy gives none. */
  get name(): string {
    return this.#client.name ?? this.watch.stats().engine?.name ?? 'docker';
  }

  get location(): string {
    return this.#client.location;
  }

  /** Null while it is watched; else a sentence that says why not. */
  get whyNotWatched(): string | null {
    const { state } = this.watch.stats();
    if (state === 'watching') return null;
    if (state === 'stopped') return 'the watch is stopped';
    return `not connected: ${this.#away ?? 'it is being asked what happened meanwhile'}`;
  }
}
