// Watches the resources of running containers. It is told which containers run, and asks the engine for the rest:
//
// - `containerStarted` at each start, and for each running container found by list and inspect. To say it twice of
//   one life does no harm; `startedAt` tells a new life from the one that is known.
// - `oom` at each of the engine's `oom` events.
// - `containerEnded` at `die`, or where reconciliation no longer finds it running. `oomKilled` is `State.OOMKilled`
//   where it was inspected: an OOM kill whose event was missed is recorded from it.
// - `containerRemoved` at `destroy`; `containerRenamed` at `rename`; `retain` where a list shows which are there.
// - `leave` where another engine answers: what is open of the one before is closed.
// - `stop` ends the sampling, closes what is open, and waits for actions under way.
//
// No method throws or waits for the engine; events go to `emit` in the order in which things happened. Restarts are
// counted here, from the starts of a container that has ended: the engine's `restart` event is not needed.
import type { AuditEvent, ContainerRef } from '@audit/core';
import type { DockerClient } from '../docker-client.ts';
import { ContainerWatch } from './container-watch.ts';
import { Enforcement } from './enforcement.ts';
import type { LimitWatchPorts } from './limit-watch.ts';
import { type ResourceOptions, type ResourceSettings, resolveResourceOptions } from './options.ts';
import { createProtection } from './protection.ts';
import { Sampler } from './sampler.ts';

/** One life of a container, as the watcher knows it. */
export interface RunningContainer {
  /** `labels` are needed: they may carry limits. */
  readonly container: ContainerRef;
  /** Start of this life: the event's time, or `State.StartedAt`. */
  readonly startedAt: Date;
  /** `HostConfig.Memory`, in bytes, where it is known: what an OOM kill before the first sample is told with. */
  readonly memoryLimit?: number | undefined;
}

export interface ContainerEnd {
  readonly at?: Date | undefined;
  readonly oomKilled?: boolean | undefined;
  /** Where it may be one that `containerStarted` was never called for. */
  readonly container?: ContainerRef | undefined;
}

export interface ResourceMonitorInput {
  readonly docker: Pick<DockerClient, 'getContainer'>;
  /** Takes the events; must not throw. */
  readonly emit: (event: AuditEvent) => void;
  readonly options?: ResourceOptions | undefined;
  /** Told what is wrong without being a violation: a label that says nothing, stats that cannot be read. */
  readonly warn?: ((warning: Error) => void) | undefined;
  /** Milliseconds on a clock that is never set. Default `performance.now`. */
  readonly now?: (() => number) | undefined;
  /** Milliseconds since 1970 by the engine's clock, which need not be ours. Default `Date.now`. */
  readonly engineTime?: (() => number) | undefined;
}

/** What a watch of resources has seen and done. */
export interface ResourceStats {
  /** Containers running. */
  readonly containers: number;
  /** Samples read, and samples that could not be. */
  readonly samples: number;
  readonly failedSamples: number;
  /** Violations open now, and those opened since the start. */
  readonly open: number;
  readonly violations: number;
  /** Actions the engine was asked for, and those that failed. */
  readonly actions: number;
  readonly failedActions: number;
}

/** Run times, restart loops and what has fallen silent are looked at so often, in milliseconds. */
const TICK = 500;
/** Warnings are told once each; so many are remembered. */
const MAX_WARNINGS = 1_000;

export class ResourceMonitor {
  readonly #settings: ResourceSettings;
  readonly #now: () => number;
  readonly #engineTime: () => number;
  readonly #warn: (warning: Error) => void;
  readonly #enforcement: Enforcement;
  readonly #sampler: Sampler;
  readonly #ports: LimitWatchPorts;
  readonly #isProtected: (container: ContainerRef) => boolean;
  readonly #containers = new Map<string, ContainerWatch>();
  readonly #closing = new Set<Promise<void>>();
  readonly #warned = new Set<string>();
  readonly #timer: NodeJS.Timeout;
  #violations = 0;
  #stopped = false;

  /** @throws TypeError, RangeError naming the option that is wrong */
  constructor({ docker, emit, options, warn, now, engineTime }: ResourceMonitorInput) {
    this.#settings = resolveResourceOptions(options);
    this.#now = now ?? (() => performance.now());
    this.#engineTime = engineTime ?? (() => Date.now());
    this.#warn = warn ?? (() => {});
    this.#isProtected = createProtection(this.#settings.protect);
    this.#enforcement = new Enforcement({ docker, ...this.#settings });
    this.#ports = {
      emit,
      act: (id, action) => this.#enforcement.act(id, action),
      opened: () => {
        this.#violations++;
      },
      closing: (told) => {
        this.#closing.add(told);
        void told.finally(() => this.#closing.delete(told));
      },
    };
    this.#sampler = new Sampler({
      ...{ docker, ...this.#settings, warn: this.#warn, now: this.#now },
      take: (id, sample) => {
        const container = this.#containers.get(id);
        container?.take(sample, this.#now());
        return container?.tense ?? false;
      },
    });
    this.#timer = setInterval(() => this.#tick(), TICK).unref();
  }

  containerStarted({ container, startedAt, memoryLimit }: RunningContainer): void {
    if (this.#stopped) return;
    const { id } = container;
    const now = this.#now();
    // Where its clock was set back meanwhile, it was started now, as far as can be told.
    const since = now - Math.max(0, this.#engineTime() - startedAt.getTime());
    const watch = this.#containers.get(id) ?? this.#add(container);
    watch.knowMemoryLimit(memoryLimit);
    if (watch.isKnownLife(startedAt.getTime())) return;
    if (watch.running) {
      // Its end was missed.
      watch.end(now, false);
      this.#sampler.remove(id);
    }
    watch.start(since, now, startedAt);
    if (watch.sampled) this.#sampler.add(id);
  }

  containerEnded(id: string, { at, oomKilled = false, container }: ContainerEnd = {}): void {
    const watch = this.#containers.get(id) ?? (oomKilled && container && this.#add(container));
    this.#sampler.remove(id);
    if (watch && !this.#stopped) watch.end(this.#now(), oomKilled, at);
  }

  containerRemoved(id: string): void {
    this.#sampler.remove(id);
    this.#containers.get(id)?.close('removed', this.#now());
    this.#containers.delete(id);
  }

  retain(isThere: (id: string) => boolean): void {
    for (const id of [...this.#containers.keys()]) if (!isThere(id)) this.containerRemoved(id);
  }

  leave(): void {
    this.#sampler.stop();
    for (const watch of this.#containers.values()) watch.close('unwatched', this.#now());
    this.#containers.clear();
  }

  containerRenamed(id: string, name: string): void {
    this.#containers.get(id)?.rename(name);
  }

  oom(id: string, at?: Date): void {
    if (!this.#stopped) this.#containers.get(id)?.oomKilled(this.#now(), at);
  }

  stats(): ResourceStats {
    const containers = [...this.#containers.values()];
    return {
      containers: containers.filter(({ running }) => running).length,
      samples: this.#sampler.samples,
      failedSamples: this.#sampler.failed,
      open: containers.reduce((sum, { open }) => sum + open, 0),
      violations: this.#violations,
      actions: this.#enforcement.actions,
      failedActions: this.#enforcement.failed,
    };
  }

  /** Resolves when the last event was handed to `emit`. Idempotent. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    this.leave();
    await Promise.all(this.#closing);
  }

  #add(container: ContainerRef): ContainerWatch {
    const watch = new ContainerWatch(container, this.#settings, this.#isProtected, this.#ports);
    this.#containers.set(container.id, watch);
    for (const problem of watch.limits.problems) this.#warnOnce(problem, container);
    return watch;
  }

  #tick(): void {
    const now = this.#now();
    for (const [id, watch] of this.#containers) {
      watch.tick(now);
      if (watch.idle(now)) this.#containers.delete(id);
    }
  }

  #warnOnce(problem: string, { id, name }: ContainerRef): void {
    if (this.#warned.has(problem)) return;
    if (this.#warned.size >= MAX_WARNINGS) this.#warned.clear();
    this.#warned.add(problem);
    this.#warn(new Error(`${problem} (container ${name ?? id}); the option holds instead.`));
  }
}
