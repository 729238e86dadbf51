// One watch: wires stream, queue, translation, reconciliation and log. Everything that is recorded passes through one
// consumer, in the order in which it came; what runs beside it only puts things into its queue.
import type { AuditEvent } from '@audit/core';
import type { Patience } from './connection/ask.ts';
import type { IdentifiedEngine } from './connection/engine.ts';
import { readPast } from './connection/event-stream.ts';
import { Link } from './connection/link.ts';
import { Continuity } from './cursor/continuity.ts';
import { inventoryEvents } from './cursor/snapshot.ts';
import { Inspector } from './inspect/inspector.ts';
import { Listeners } from './listeners.ts';
import { Losses } from './losses.ts';
import type { WatchSettings } from './options.ts';
import { Probe } from './probe.ts';
import { Queue } from './queue.ts';
import { Reader, type ReceivedMessage } from './reader.ts';
import { Reconciler } from './reconcile/reconciler.ts';
import { ResourceFeed } from './resource-feed.ts';
import { Scribe } from './scribe.ts';
import type { EngineMessage } from './stream/message.ts';
import { formatNano } from './stream/nanoseconds.ts';
import { Tally } from './tally.ts';
import type { DockerWatch, DockerWatchEvents, DockerWatchStats } from './watch-types.ts';

/** Things taken from the queue at one time, and handed to the log together. */
const BATCH = 256;
/**
 * How long a watch that is stopped waits for the engine, in milliseconds: for what the last messages are recorded with.
 * The next watch asks again where that is not enough.
 */
export const FAREWELL = 2_000;
/** Entries after which the inventory is written once more. */
export const INVENTORY_INTERVAL = 10_000;

type Item =
  | ReceivedMessage
  | { readonly kind: 'event'; readonly event: AuditEvent }
  | { readonly kind: 'task'; readonly run: () => Promise<void> };

export class EngineWatch implements DockerWatch {
  readonly #settings: WatchSettings;
  readonly #queue: Queue<Item>;
  readonly #scribe: Scribe;
  readonly #reader: Reader;
  readonly #losses: Losses;
  readonly #continuity: Continuity;
  readonly #reconciler: Reconciler;
  readonly #resources: ResourceFeed;
  readonly #listeners = new Listeners<DockerWatchEvents>();
  readonly #tally = new Tally();
  readonly #link: Link;
  readonly #farewell = new AbortController();
  readonly #patience: Patience;
  readonly #probe: Probe;
  readonly #consumer: Promise<void>;
  readonly #timers: NodeJS.Timeout[];
  readonly #ready: Promise<void>;
  #becomeReady!: () => void;
  #refuseReady!: (error: Error) => void;

  #state: DockerWatchStats['state'] = 'connecting';
  #engine: IdentifiedEngine | null = null;
  /** The connection whose messages count: set once it is known what came before them. */
  #proven = 0;
  /** The newest connection. */
  #generation = 0;
  /** It is over, and there is no other yet. */
  #ended = false;
  #sinceInventory = 0;
  #inventoryDue = true;
  /** How often something may have been missed, the beginning included; and how much of it was compared with the log. */
  #doubts = 1;
  #resolved = 0;
  /** A comparison is under way; and one more is wanted, for what was told since it began. */
  #comparing = false;
  #compareAgain = false;
  #connected = false;
  #stopping: Promise<void> | null = null;

  constructor(settings: WatchSettings) {
    this.#settings = settings;
    const { docker, log } = settings;
    this.#queue = new Queue(settings.queueMessages);
    this.#patience = { timeout: settings.answerTimeout, stopped: this.#farewell.signal };
    const inspector = new Inspector(docker, settings.environmentValues, this.#patience);
    this.#continuity = new Continuity(log);
    this.#ready = new Promise((resolve, reject) => {
      this.#becomeReady = resolve;
      this.#refuseReady = reject;
    });
    // Whoever does not ask need not hear of it.
    this.#ready.catch(() => {});
    this.#scribe = new Scribe(log, {
      recorded: ({ type }, { seq, id }) => {
        this.#tally.recorded++;
        this.#sinceInventory++;
        this.#listeners.tell('recorded', { seq, type, id });
      },
      repeated: () => {
        this.#tally.repeated++;
      },
      failed: (event, cause) => {
        this.#tally.failed++;
        if (event !== null) this.#losses.refuse();
        const what = event === null ? 'A gap' : `A ${event.type} event`;
        this.#report(new Error(`${what} was not recorded: ${cause.message}`, { cause }));
        if (this.#scribe.ended !== null) void this.stop();
      },
    });
    this.#reconciler = new Reconciler({
      docker,
      inspector,
      settle: settings.settle,
      answerTimeout: settings.answerTimeout,
      inTurn: (run) => this.#inTurn(run),
      refresh: () => this.#probe.run(),
      wants: (kind) => this.#wants(kind),
      record: (events) =>
        this.#scribe.write([...events, ...this.#resources.reconciled(events, this.#continuity.inventory)]),
    });
    this.#resources = new ResourceFeed(settings, {
      emit: (event) => this.#queue.push({ kind: 'event', event }),
      warn: (error) => this.#report(error),
      engine: () => this.#engine!,
    });
    this.#losses = new Losses(this.#scribe, (reason) => {
      this.#tally.gaps++;
      this.#listeners.tell('gap', { reason });
    });
    this.#reader = new Reader({
      continuity: this.#continuity,
      inspector,
      resources: this.#resources,
      tally: this.#tally,
      healthProbes: settings.healthProbes,
      wants: (kind) => this.#wants(kind),
    });
    this.#consumer = this.#consume();
    this.#link = new Link({
      docker,
      engine: settings.engine,
      answerTimeout: settings.answerTimeout,
      retryMin: settings.retryMin,
      retryMax: settings.retryMax,
      hooks: {
        identified: (engine) => this.#identified(engine),
        opening: (generation) => {
          this.#generation = generation;
          this.#ended = false;
          this.#queue.push({ kind: 'task', run: () => this.#prove(generation) });
        },
        opened: () => {
          this.#tally.connections++;
          this.#connected = true;
          this.#listeners.tell('connected', publicEngine(this.#engine!));
          this.#settle();
        },
        message: (message, generation) => this.#received(message, generation),
        unreadable: () => this.#losses.misread(),
        closed: (reason, retryInMs) => {
          this.#connected = false;
          this.#ended = true;
          if (this.#state === 'watching') this.#state = 'connecting';
          this.#listeners.tell('disconnected', { reason, retryInMs });
        },
      },
    });
    this.#probe = new Probe({
      past: () => this.#past(),
      found: (past, generation) => this.#found(past, generation),
      generation: () => this.#generation,
      missedByStream: () => this.#reader.missedByStream,
      inTurn: (run) => this.#inTurn(run),
      reset: (reason) => this.#link.reset(reason),
    });
    this.#timers = [
      setInterval(() => {
        if (this.#state === 'watching') void this.#probe.check();
      }, settings.probeInterval),
      setInterval(() => this.#reconcile(), settings.reconcileInterval),
    ];
  }

  ready(): Promise<void> {
    return this.#ready;
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  stats(): DockerWatchStats {
    const { cursor, inventory } = this.#continuity;
    return {
      state: this.#state,
      engine: this.#engine === null ? null : publicEngine(this.#engine),
      ...this.#tally.counts(),
      reconciled: this.#reconciler.recorded,
      queued: this.#queue.size,
      containers: inventory.size,
      resources: this.#resources.stats(),
      cursor: cursor === null ? null : String(cursor),
    };
  }

  on<K extends keyof DockerWatchEvents>(
    name: K,
    listener: (event: DockerWatchEvents[K]) => void,
  ): () => void {
    return this.#listeners.add(name, listener);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    // A log that is busy gets its own time for what is under way, and not more.
    this.#scribe.giveUp();
    const farewell = setTimeout(() => this.#farewell.abort(), FAREWELL);
    this.#reconciler.stop();
    await this.#link.stop();
    await this.#resources.stop();
    const last = this.#inTurn(() => this.#writeInventory());
    this.#queue.close();
    await last;
    await this.#consumer;
    clearTimeout(farewell);
    this.#farewell.abort();
    this.#state = 'stopped';
    this.#refuseReady(new Error('The watch was stopped before the engine was watched.'));
    this.#listeners.clear();
  }

  /** The log is asked what it knows of an engine when it is first met. Gives back from when on messages are wanted. */
  async #identified(engine: IdentifiedEngine): Promise<string> {
    if (engine.key !== this.#engine?.key) {
      // Whatever is still in the queue belongs to the engine before.
      await this.#inTurn(() => {
        this.#resources.leave();
        return this.#continuity.load(engine);
      });
      this.#inventoryDue = true;
      this.#doubts++;
    }
    this.#engine = engine;
    return formatNano(this.#continuity.since(engine.now));
  }

  #received(message: EngineMessage, generation: number): void {
    this.#tally.received++;
    if (this.#queue.offer(this.#reader.receive(message, generation, false))) return;
    this.#tally.dropped++;
    this.#losses.drop();
  }

  async #consume(): Promise<void> {
    for (;;) {
      const items = await this.#queue.take(BATCH);
      if (items.length === 0) return;
      let events: AuditEvent[] = [];
      for (const item of items) {
        if (item.kind === 'task') {
          await this.#scribe.write(events);
          events = [];
          await item.run();
        } else if (item.kind === 'event') events.push(item.event);
        else if (item.generation <= this.#proven) {
          events.push(...(await this.#reader.read(item, this.#engine!)));
        }
        // Else nobody knows what came before it: the connection ended too early, and the message will come again.
      }
      await this.#scribe.write(events);
      if (this.#engine !== null && (await this.#losses.tellCounts(this.#engine))) {
        this.#doubts++;
        this.#reconcile();
      }
      if (this.#sinceInventory >= INVENTORY_INTERVAL) await this.#writeInventory();
    }
  }

  #wants(kind: string): boolean {
    return (this.#settings.events as ReadonlySet<string>).has(kind);
  }

  /**
   * Before the first message of a new connection counts: does the engine still have one that was handled before? Then
   * everything between is in its memory, too, and comes. Else something may be missing, and the log says so first:
   * a process that dies after this line begins behind the gap, not before it.
   */
  async #prove(generation: number): Promise<void> {
    if (generation !== this.#generation) return;
    const past = await this.#past();
    if (past === null) {
      this.#link.reset('The engine was not heard of what happened meanwhile.');
      return;
    }
    const { cursor } = this.#continuity;
    if (!this.#continuity.isProvenBy(past)) {
      this.#doubts++;
      await this.#losses.tellBreak(this.#engine!, cursor, this.#now());
    } else if (cursor === null) {
      // Nothing was there to hold on to: an engine that was started anew looks the same, whatever it has got meanwhile.
      this.#doubts++;
    }
    this.#continuity.proven(past);
    this.#proven = generation;
    const events: AuditEvent[] = [];
    for (const message of past) {
      events.push(
        ...(await this.#reader.read(this.#reader.receive(message, generation, false), this.#engine!)),
      );
    }
    await this.#scribe.write(events);
    if (this.#resolved < this.#doubts) this.#reconcile();
    else this.#settle();
  }

  /** One comparison at a time: what is wanted meanwhile, however often, is made up for by one more. */
  #reconcile(): void {
    const engine = this.#engine;
    const generation = this.#proven;
    const doubts = this.#doubts;
    if (engine === null || generation !== this.#generation || this.#stopping !== null) return;
    this.#compareAgain = this.#comparing;
    if (this.#comparing) return;
    this.#comparing = true;
    void this.#reconciler
      .run(engine, this.#continuity, () => generation === this.#generation && this.#stopping === null)
      .then(async (listing) => {
        if (listing === null) return;
        this.#continuity.compared();
        this.#resolved = doubts;
        this.#resources.listed(listing, this.#continuity.inventory);
        if (this.#state !== 'connecting' || this.#stopping !== null) return;
        await this.#inTurn(async () => {
          if (this.#inventoryDue) await this.#writeInventory();
        });
        this.#settle();
      })
      .catch((cause: Error) => {
        // The next connection compares, or does so already.
        if (!this.#connected || generation !== this.#generation || this.#stopping !== null) return;
        this.#report(new Error(`Containers were not compared with the log: ${cause.message}`, { cause }));
        // Without it nobody knows what the log lacks: a new connection does it again.
        if (this.#state === 'connecting') this.#link.reset('Containers could not be listed.');
      })
      .finally(() => {
        this.#comparing = false;
        if (this.#compareAgain) this.#reconcile();
      });
  }

  /** Watches where the stream is open, what came before it is known, and nothing is left to compare. */
  #settle(): void {
    const open = this.#connected && this.#proven === this.#generation;
    if (!open || this.#resolved < this.#doubts || this.#state !== 'connecting') return;
    this.#state = 'watching';
    this.#becomeReady();
  }

  /**
   * Takes what a probe brought, where it goes on from what was handled. Else the engine has forgotten something that the
   * stream did not bring: a new connection tells the gap first. False, too, where the connection is another by now.
   */
  async #found(past: readonly EngineMessage[], generation: number): Promise<boolean> {
    let taken = false;
    await this.#inTurn(async () => {
      if (generation !== this.#proven || generation !== this.#generation || this.#ended) return;
      if (!this.#continuity.isProvenBy(past)) {
        this.#link.reset('The engine has forgotten messages that its stream did not bring.');
        return;
      }
      taken = true;
      for (const message of past) {
        if (this.#continuity.isKnown(message)) continue;
        this.#queue.push(this.#reader.receive(message, generation, true));
      }
    });
    return taken;
  }

  async #past(): Promise<readonly EngineMessage[] | null> {
    const now = this.#now();
    const since = this.#continuity.since(now);
    try {
      return await readPast(this.#settings.docker, formatNano(since), formatNano(now), this.#patience);
    } catch {
      return null;
    }
  }

  /** By the engine's clock. */
  #now(): bigint {
    return this.#engine!.clock();
  }

  async #writeInventory(): Promise<void> {
    if (this.#engine === null || this.#proven === 0) return;
    // Also of an engine that has nothing: that it was watched is what the next watch goes on from.
    if (this.#sinceInventory === 0 && !this.#inventoryDue) return;
    await this.#scribe.write(inventoryEvents(this.#continuity.inventory, this.#engine));
    this.#sinceInventory = 0;
    this.#inventoryDue = false;
  }

  /** Runs between two things of the queue, after all that is in it now. */
  #inTurn(run: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ kind: 'task', run: () => run().then(resolve, reject) });
    });
  }

  #report(error: Error): void {
    this.#listeners.tell('error', error);
  }
}

function publicEngine({ id, name, version, apiVersion }: IdentifiedEngine) {
  return { id, name, version, apiVersion };
}
