// Compares what the engine has with what is in the log. What differs may only be late: its message may be under way.
// So a difference is recorded when it is found twice, with a pause between, or when it is old.
import { setTimeout as sleep } from 'node:timers/promises';
import type { AuditEvent } from '@audit/core';
import type { IdentifiedEngine } from '../connection/engine.ts';
import type { Continuity } from '../cursor/continuity.ts';
import { noteDie, noteFacts, noteStart } from '../cursor/inventory.ts';
import type { DockerClient } from '../docker-client.ts';
import type { Inspector } from '../inspect/inspector.ts';
import { type Difference, differenceKey, differences } from './differences.ts';
import { differenceEvent } from './events.ts';
import { type Listing, takeListing } from './listing.ts';
import { type ListedObjects, listObjects, objectEvent, objectKey } from './objects.ts';

/** What is older than this, in nanoseconds, is no longer under way. */
const OLD = 60_000_000_000n;
/** Comparisons in a row; what still is new in the last is left to the next run. */
const ROUNDS = 5;

export interface ReconcilerOptions {
  readonly docker: DockerClient;
  readonly inspector: Inspector;
  readonly settle: number;
  readonly answerTimeout: number;
  /** Runs between two messages, after all that were received. */
  readonly inTurn: (run: () => Promise<void>) => Promise<void>;
  /** Has all messages handled that the engine has of late; false where it does not answer. */
  readonly refresh: () => Promise<boolean>;
  readonly record: (events: readonly AuditEvent[]) => Promise<void>;
  /** Whether objects of this kind become entries. */
  readonly wants: (kind: string) => boolean;
}

export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #stopping = new AbortController();
  #recorded = 0;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
  }

  /** Entries made of differences. */
  get recorded(): number {
    return this.#recorded;
  }

  stop(): void {
    this.#stopping.abort();
  }

  /**
   * To be called when the run before is over. The last listing; null where `current` no longer holds.
   * @throws where the engine is away
   */
  async run(
    engine: IdentifiedEngine,
    continuity: Continuity,
    current: () => boolean,
  ): Promise<Listing | null> {
    const { docker, inspector, settle, inTurn, refresh } = this.#options;
    const patience = { timeout: this.#options.answerTimeout, stopped: this.#stopping.signal };
    let found = new Set<string>();
    for (let round = 1; current(); round++) {
      const listing = await takeListing(docker, inspector, patience);
      const objects = await listObjects(docker, patience);
      const refreshed = await refresh();
      if (!current()) return null;
      if (!refreshed) throw new Error('the engine did not tell what happened since its last message.');
      let open = new Set<string>();
      await inTurn(async () => {
        if (!current()) return;
        open = await this.#compare(listing, found, engine, continuity);
        for (const key of await this.#compareObjects(objects, found, engine, continuity)) open.add(key);
      });
      if (open.size === 0 || round === ROUNDS) return current() ? listing : null;
      found = open;
      await sleep(settle, undefined, { signal: this.#stopping.signal }).catch(() => {});
    }
    return null;
  }

  /** Records what was found before, or is old; gives back the keys of the rest. */
  async #compare(
    listing: Listing,
    before: ReadonlySet<string>,
    engine: IdentifiedEngine,
    continuity: Continuity,
  ): Promise<Set<string>> {
    const { inventory, firstEver } = continuity;
    const now = engine.clock();
    const open = new Set<string>();
    const certain: Difference[] = [];
    for (const difference of differences(listing, inventory)) {
      const key = differenceKey(difference);
      const old = difference.at !== null && now - difference.at > OLD;
      // A container that is not in the log yet comes into it with its creation, not with what followed.
      const follows = difference.kind !== 'create' && open.has(`known/${difference.id}`);
      if ((old || before.has(key)) && !follows) certain.push(difference);
      else {
        open.add(key);
        if (difference.kind === 'create') open.add(`known/${difference.id}`);
      }
    }
    const events: AuditEvent[] = [];
    const taken = new Set<string>();
    for (const difference of certain) {
      // What an engine had before it was first watched is told by its state; what happened to it is not ours to tell.
      if (firstEver && taken.has(difference.id)) continue;
      const event = differenceEvent(difference, inventory, engine);
      if (this.#options.wants('container')) events.push(event);
      if (difference.kind !== 'create') continue;
      taken.add(difference.id);
      if (firstEver) this.#noteState(difference, continuity);
    }
    this.#recorded += events.length;
    await this.#options.record(events);
    for (const [id, facts] of listing.facts) {
      const known = inventory.get(id);
      // What differs is noted when it is recorded.
      if (known !== undefined && known.facts === null) noteFacts(known, facts);
    }
    return open;
  }

  async #compareObjects(
    listed: ListedObjects,
    before: ReadonlySet<string>,
    engine: IdentifiedEngine,
    { objects }: Continuity,
  ): Promise<readonly string[]> {
    const found = objects.differences(listed);
    const certain = found.filter((difference) => before.has(objectKey(difference)));
    for (const difference of certain) objects.settle(difference);
    const events = certain
      .filter(({ kind }) => this.#options.wants(kind))
      .map((each) => objectEvent(each, engine));
    this.#recorded += events.length;
    await this.#options.record(events);
    return found.map(objectKey).filter((key) => !before.has(key));
  }

  #noteState({ id, facts }: Difference, { inventory }: Continuity): void {
    const known = inventory.get(id);
    if (known === undefined || facts === null) return;
    const { running, startedAt, finishedAt, paused, health } = facts.state;
    if (startedAt !== null) noteStart(known, startedAt);
    if (finishedAt !== null) noteDie(known, finishedAt);
    known.running = running;
    known.paused = paused;
    known.health = health;
  }
}
