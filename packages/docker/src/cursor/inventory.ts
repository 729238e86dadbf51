// The containers an engine has, as far as they are in the log.
import type { ContainerFacts, LimitFacts } from '../inspect/facts.ts';

/** An exec that has begun and not ended. */
export interface KnownExec {
  readonly command: string | readonly string[];
  readonly user?: string;
  readonly tty?: boolean;
  readonly privileged?: boolean;
}

/** Containers remembered after they were destroyed: the engine may tell of their end a moment later. */
const MAX_GONE = 1_024;

/** Of one container's execs: an engine of old forgets to say that some have ended. */
const MAX_EXECS = 256;

export interface KnownContainer {
  readonly id: string;
  name: string;
  image: string;
  running: boolean;
  paused: boolean;
  /** Newest start and end in the log, by the engine's clock; 0 for none. */
  lastStart: bigint;
  lastDie: bigint;
  /** The engine told of an OOM kill since the last start. */
  oomKilled: boolean;
  /** Somebody has sent it a signal since the last start. */
  signalled: boolean;
  health: string | null;
  /** `container.create` is in the log. */
  created: boolean;
  /** False where `container.create` says nothing but the name, because the container could not be inspected. */
  inspected: boolean;
  /** Null until it was inspected by this process. */
  facts: KnownFacts | null;
  readonly execs: Map<string, KnownExec>;
}

/** What is kept of an inspection: what later events are read with. */
export interface KnownFacts {
  readonly labels: Readonly<Record<string, string>>;
  readonly limits: LimitFacts;
  readonly restartPolicy: string;
  readonly healthCommand: string | null;
}

export class Inventory {
  readonly #containers = new Map<string, KnownContainer>();
  readonly #gone = new Map<string, KnownContainer>();

  get size(): number {
    return this.#containers.size;
  }

  get(id: string): KnownContainer | undefined {
    return this.#containers.get(id);
  }

  all(): IterableIterator<KnownContainer> {
    return this.#containers.values();
  }

  /** The container, taken up where it was not known. One that was destroyed stays so, whatever is still told of it. */
  take(id: string, name = '', image = ''): KnownContainer {
    const known = this.#containers.get(id) ?? this.#gone.get(id);
    if (known !== undefined) return known;
    const taken: KnownContainer = {
      ...{ id, name, image, running: false, paused: false, lastStart: 0n, lastDie: 0n },
      ...{
        oomKilled: false,
        signalled: false,
        health: null,
        created: false,
        inspected: false,
        facts: null,
        execs: new Map(),
      },
    };
    this.#containers.set(id, taken);
    return taken;
  }

  remove(id: string): void {
    const known = this.take(id);
    this.#containers.delete(id);
    this.#gone.set(id, known);
    for (const oldest of this.#gone.keys()) {
      if (this.#gone.size <= MAX_GONE) break;
      this.#gone.delete(oldest);
    }
  }
}

export function noteFacts(known: KnownContainer, facts: ContainerFacts): void {
  const { limits, restartPolicy, healthCommand } = facts;
  known.facts = { labels: facts.container.labels ?? {}, limits, restartPolicy, healthCommand };
  known.image ||= facts.container.image ?? '';
  known.name ||= facts.container.name ?? '';
}

export function noteStart(known: KnownContainer, at: bigint): void {
  known.running = true;
  if (at > known.lastStart) known.lastStart = at;
  known.paused = false;
  known.oomKilled = false;
  known.signalled = false;
}

export function noteDie(known: KnownContainer, at: bigint): void {
  known.running = false;
  if (at > known.lastDie) known.lastDie = at;
  known.paused = false;
}

export function noteExec(known: KnownContainer, id: string, exec: KnownExec): void {
  known.execs.set(id, exec);
  for (const oldest of known.execs.keys()) {
    if (known.execs.size <= MAX_EXECS) break;
    known.execs.delete(oldest);
  }
}
