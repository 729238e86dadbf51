// Watches the resources of running containers. It is told which containers run, and asks the engine for the rest:
//
// - `containerStarted` at each start, and for each running container found by list and inspect. To say it twice of
//   one life does no harm; `startedAt` tells a new life from the one that is known.
// - `oom` at each of the engine's `oom` events.
// - `containerEnded` at `die`, or where reconciliation no longer finds it running. `oomKilled` is `State.OOMKilled`
//   where it was inspected: an OOM kill whose event was missed is recorded from it.
// - `containerRemoved` at `destroy`; `containerRenamed` at `rename`.
// - `stop` ends the sampling, closes what is open, and waits for actions under way.
//
// No method throws or waits for the engine; events go to `emit` in the order in which things happened. Restarts are
// counted here, from the starts of a container that has ended: the engine's `restart` event is not needed.
import type { AuditEvent, ContainerRef } from '@audit/core';
import type Docker from 'dockerode';
import type { ResourceOptions } from './options.ts';

/** One life of a container, as the watcher knows it. */
export interface RunningContainer {
  /** `labels` are needed: they may carry limits. */
  readonly container: ContainerRef;
  /** Start of this life: the event's time, or `State.StartedAt`. */
  readonly startedAt: Date;
  /** The container's own limits, in bytes and processes, where they are known; 0 for none. */
  readonly limits?: { readonly memory?: number | undefined; readonly pids?: number | undefined } | undefined;
}

export interface ContainerEnd {
  readonly at?: Date | undefined;
  readonly oomKilled?: boolean | undefined;
}

export interface ResourceMonitorInput {
  readonly docker: Pick<Docker, 'getContainer'>;
  /** Takes the events; must not throw. */
  readonly emit: (event: AuditEvent) => void;
  readonly options?: ResourceOptions | undefined;
  /** Told what is wrong without being a violation: a label that says nothing, stats that cannot be read. */
  readonly warn?: ((warning: Error) => void) | undefined;
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly now?: (() => number) | undefined;
}

export interface ResourceStats {
  /** Containers running. */
  readonly containers: number;
  /** Samples read, and samples that could not be. */
  readonly samples: number;
  readonly failedSamples: number;
  /** Violations open now. */
  readonly open: number;
  /** Violations opened since the start. */
  readonly violations: number;
  readonly actions: number;
  readonly failedActions: number;
}

export declare class ResourceMonitor {
  constructor(input: ResourceMonitorInput);
  containerStarted(running: RunningContainer): void;
  containerEnded(id: string, end?: ContainerEnd): void;
  containerRemoved(id: string): void;
  containerRenamed(id: string, name: string): void;
  oom(id: string, at?: Date): void;
  stats(): ResourceStats;
  stop(): Promise<void>;
}
