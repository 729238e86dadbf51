// One container across its lives: its limits, and what is observed of each.
import type { ContainerRef } from '@audit/core';
import type { ResourceKind } from './kinds.ts';
import { type ContainerLimits, limitsOf } from './labels.ts';
import { LimitWatch, type LimitWatchPorts } from './limit-watch.ts';
import type { ResourceSettings } from './options.ts';
import { readingOf } from './reading.ts';
import { type LimitRule, OOM_RULE } from './rule.ts';
import type { Sample } from './sample.ts';
import type { ThresholdTiming } from './threshold.ts';
import type { CloseReason } from './violation-event.ts';

/** A restart loop is over when no more than this share of the restarts that make one are left in its time. */
const RESTARTS_RELEASE = 0.5;
/** Starts of a container that runs less than this apart are one: a message and an inspection tell the time differently. */
const SAME_LIFE = 1_000;
/**
 * Two samples are as far apart by the engine's clock as by ours, but for how long their answers took, in milliseconds.
 * Where they are not, the engine's clock was set between them, and what they count is over nobody knows how long.
 */
const CLOCK_SET = 30_000;
/** Kinds that samples tell of. */
const SAMPLED: readonly ResourceKind[] = ['memory', 'cpu', 'pids', 'disk', 'network'];

export class ContainerWatch {
  readonly #settings: ResourceSettings;
  readonly #ports: LimitWatchPorts;
  readonly #isProtected: (container: ContainerRef) => boolean;
  readonly limits: ContainerLimits;
  /** Limits of this life. */
  readonly #watches = new Map<LimitRule, LimitWatch>();
  readonly #oom: LimitWatch;
  readonly #restarts: LimitWatch | undefined;
  /** When it was started again, by `now`. */
  #restartedAt: number[] = [];
  #lives = 0;
  /** Out-of-memory kills told of this life. */
  #kills = 0;
  #endedAt = 0;
  #container: ContainerRef;
  #runningSince: number | undefined;
  /** Start of the newest life, by the engine's clock; −Infinity before the first. */
  #startedAt = Number.NEGATIVE_INFINITY;
  #before: Sample | undefined;
  /** When it was taken, by `now`. */
  #beforeAt = 0;
  #memoryLimit = 0;

  constructor(
    container: ContainerRef,
    settings: ResourceSettings,
    isProtected: (container: ContainerRef) => boolean,
    ports: LimitWatchPorts,
  ) {
    this.#container = container;
    this.#settings = settings;
    this.#isProtected = isProtected;
    this.#ports = ports;
    this.limits = limitsOf(settings.labels ? (container.labels ?? {}) : {}, settings);
    for (const rule of this.limits.rules.values()) {
      if (rule.kind !== 'restarts') this.#watches.set(rule, this.#watch(rule));
    }
    const restarts = this.limits.rules.get('restarts');
    this.#restarts = restarts && this.#watch(restarts);
    this.#oom = this.#watch(OOM_RULE);
  }

  get running(): boolean {
    return this.#runningSince !== undefined;
  }

  /**
   * Whether a start at this time, by the engine's clock, is of a life that was told before: running, or over, where a
   * list was slower than the message of the end.
   */
  isKnownLife(startedAt: number): boolean {
    return startedAt <= this.#startedAt + (this.running ? SAME_LIFE : 0);
  }

  /** Whether samples would tell anything. */
  get sampled(): boolean {
    return SAMPLED.some((kind) => this.limits.rules.has(kind));
  }

  get tense(): boolean {
    return [...this.#watches.values()].some(({ tense }) => tense);
  }

  get open(): number {
    return this.#all().filter(({ open }) => open).length;
  }

  /** It does not run, and a start would not make a restart loop any more: it may be forgotten. */
  idle(now: number): boolean {
    const windowMs = this.limits.rules.get('restarts')?.windowMs ?? 0;
    return !this.running && this.open === 0 && now - this.#endedAt > windowMs;
  }

  rename(name: string): void {
    this.#container = { ...this.#container, name };
  }

  knowMemoryLimit(bytes: number | undefined): void {
    if (bytes !== undefined) this.#memoryLimit = bytes;
  }

  /** @param since when, by `now`: may lie before it */
  start(since: number, now: number, at: Date): void {
    this.#runningSince = since;
    this.#startedAt = at.getTime();
    this.#before = undefined;
    this.#kills = 0;
    if (this.#lives++ === 0) return;
    this.#restartedAt.push(since);
    this.#readRestarts(now, at);
  }

  take(sample: Sample, now: number): void {
    if (sample.memory !== undefined) this.#memoryLimit = sample.memory.limit;
    const isSet =
      this.#before !== undefined &&
      Math.abs(sample.at - this.#before.at - (now - this.#beforeAt)) > CLOCK_SET;
    for (const [rule, watch] of this.#watches) {
      const reading = readingOf(rule, sample, isSet ? undefined : this.#before);
      if (reading !== undefined) watch.read(reading, now);
    }
    this.#before = sample;
    this.#beforeAt = now;
  }

  /** What no sample tells: run time, and what is over by the mere passing of time. */
  tick(now: number): void {
    const time = this.limits.rules.get('time');
    const limit = time?.threshold.amount;
    if (time !== undefined && limit !== undefined && this.#runningSince !== undefined) {
      const observed = Math.round(now - this.#runningSince);
      const forMs = Math.max(0, observed - limit);
      this.#watches.get(time)?.read({ observed, limit, unit: 'ms', forMs }, now);
    }
    if (this.#restartedAt.length > 0) this.#readRestarts(now);
    if (this.#oom.open) this.#oom.read(null, now);
  }

  /** The kernel killed a process in it: its limit was reached, whatever a sample would have said. */
  oomKilled(now: number, at?: Date): void {
    // Told of a life that is over: once, for its end may have told it.
    if (!this.running && this.#kills > 0) return;
    this.#kills++;
    const bytes = this.#memoryLimit;
    this.#oom.killed({ observed: bytes, limit: bytes, capacity: bytes, unit: 'bytes' }, now, at);
    if (!this.running) this.#oom.end('ended', now, at);
  }

  end(now: number, oomKilled: boolean, at?: Date): void {
    // Its event was missed, or is still on the way.
    if (oomKilled && this.#kills === 0) this.oomKilled(now, at);
    this.#runningSince = undefined;
    this.#endedAt = now;
    for (const watch of [this.#oom, ...this.#watches.values()]) watch.end('ended', now, at);
  }

  /** Closes everything, restart loops too. */
  close(reason: CloseReason, now: number, at?: Date): void {
    this.#runningSince = undefined;
    this.#restartedAt = [];
    for (const watch of this.#all()) watch.end(reason, now, at);
  }

  #readRestarts(now: number, at?: Date): void {
    const rule = this.limits.rules.get('restarts');
    const limit = rule?.threshold.amount;
    if (rule?.windowMs === undefined || limit === undefined) {
      this.#restartedAt = [];
      return;
    }
    const from = now - rule.windowMs;
    this.#restartedAt = this.#restartedAt.filter((time) => time > from);
    const observed = this.#restartedAt.length;
    const forMs = observed < limit ? 0 : now - (this.#restartedAt[0] ?? now);
    this.#restarts?.read({ observed, limit, unit: 'restarts', forMs }, now, at);
  }

  #all(): LimitWatch[] {
    return [this.#oom, ...this.#watches.values(), ...(this.#restarts ? [this.#restarts] : [])];
  }

  #watch(rule: LimitRule): LimitWatch {
    const of = () => ({
      container: this.#container,
      rule,
      policy: this.#policy(rule),
      protect: this.limits.protect || this.#isProtected(this.#container),
      oom: rule === OOM_RULE,
    });
    return new LimitWatch(of, this.#timing(rule), this.#ports);
  }

  /** An out-of-memory kill is only told: the kernel has acted. */
  #policy(rule: LimitRule) {
    const policy = rule.action ?? this.limits.action;
    return rule === OOM_RULE && policy !== 'none' ? 'alert' : policy;
  }

  #timing(rule: LimitRule): ThresholdTiming {
    const { updateInterval, release, sustained } = this.#settings;
    if (rule === OOM_RULE) return { sustainedMs: 0, calmMs: updateInterval, updateInterval, release };
    const sustainedMs = rule.sustainedMs ?? (SAMPLED.includes(rule.kind) ? sustained : 0);
    if (rule.kind === 'restarts')
      return { sustainedMs: 0, calmMs: 0, updateInterval, release: RESTARTS_RELEASE };
    return { sustainedMs, calmMs: sustainedMs, updateInterval, release };
  }
}
