// The handle of a watch, and what it tells. Types only.

import type { ResourceStats } from './resources/monitor.ts';

/** Where a watch stands. */
export interface DockerWatchStats {
  /**
   * - `connecting`: the engine is not reached, or is being asked what happened meanwhile
   * - `watching`: the event stream is open, and everything the engine could tell of before is handed to the log
   * - `stopped`: `stop()` was called
   */
  readonly state: 'connecting' | 'watching' | 'stopped';
  /** The engine; null until it was first reached. */
  readonly engine: EngineInfo | null;
  /** Messages of the engine, repetitions included. */
  readonly received: number;
  /** Messages that came again after a reconnect, and were not recorded again. */
  readonly repeated: number;
  /** Messages no entry is made of: of a kind that is not recorded, or a probe of a health check. */
  readonly ignored: number;
  /** Entries acknowledged by the log, those of `reconciled` included. */
  readonly recorded: number;
  /** Entries of what no message told: made from lists and inspections after a gap. */
  readonly reconciled: number;
  /** Messages that found the watch's own queue full; told by `log.gap`. */
  readonly dropped: number;
  /** Entries the log did not take; each was told by `error`, and all by `log.gap`. */
  readonly failed: number;
  /** `log.gap` entries written. */
  readonly gaps: number;
  /** Times the event stream was opened. */
  readonly connections: number;
  /** Messages received and not yet handed to the log. */
  readonly queued: number;
  /** Containers the engine has, as far as the watch knows. */
  readonly containers: number;
  /** What the watch over resources counts; null where `resources` is `false`. */
  readonly resources: ResourceStats | null;
  /** `timeNano` of the last message that was handled: nanoseconds since 1970, a decimal number; null before the first. */
  readonly cursor: string | null;
}

/** What tells one engine from another. */
export interface EngineInfo {
  /** The engine's own id: it stays as long as its data root. */
  readonly id: string;
  /** As in entries: `engine` of the options, else the name of its host. */
  readonly name: string;
  readonly version: string;
  readonly apiVersion: string;
}

export interface DockerWatchEvents {
  /** The event stream is open. */
  connected: EngineInfo;
  /** It is not any more; `reason` is a sentence. It is opened again. */
  disconnected: { readonly reason: string; readonly retryInMs: number };
  /** An entry is durable and signed. */
  recorded: { readonly seq: number; readonly type: string; readonly id: string };
  /** Something may be missing; `log.gap` says so. */
  gap: { readonly reason: string };
  /** What went wrong without ending the watch. */
  error: Error;
}

/** A running watch of one engine. */
export interface DockerWatch {
  /** Resolves when `stats().state` first is `watching`; rejects where `stop()` comes first. */
  ready(): Promise<void>;
  /**
   * Ends the stream, hands what was received to the log, and waits until it is durable. An engine that does not answer
   * is not waited for longer than 2 s, but for an action that is under way. The log stays open. Idempotent.
   */
  stop(): Promise<void>;
  stats(): DockerWatchStats;
  /** Subscribes; returns the function that unsubscribes. A listener that throws harms nobody. */
  on<K extends keyof DockerWatchEvents>(name: K, listener: (event: DockerWatchEvents[K]) => void): () => void;
  [Symbol.asyncDispose](): Promise<void>;
}
