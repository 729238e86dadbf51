// From accepted events to receipts: wires queue, ids, loop and sealer, and decides what each failure means to callers.
import { AuditError, type AuditErrorCode } from '../errors.ts';
import type { PreparedEvent } from '../event/prepared.ts';
import { formatTime } from '../event/time.ts';
import { foldFrontier } from '../merkle/compact-range.ts';
import type { Hash } from '../merkle/hasher.ts';
import { nodeHasher } from '../merkle/node-hasher.ts';
import type { Signer } from '../note/signer.ts';
import type { Spool } from '../spool/spool.ts';
import type { AuditStore, StoreHead } from '../store/store.ts';
import { Absences } from './absences.ts';
import { announce } from './announce.ts';
import { LogClock, wallTime } from './clock.ts';
import { CommitLoop, type CommittedHead } from './commit-loop.ts';
import { Conditions } from './conditions.ts';
import { checkDiversion, type Diverted, toldDiversion } from './diversion.ts';
import { commitUncertain, gaveUp, logClosed, noSpool, turnedAway } from './failures.ts';
import { FlushLine } from './flush-line.ts';
import type { PreparedReport } from './gap-report.ts';
import { Heartbeat } from './heartbeat.ts';
import { IdIndex, idOf } from './id-index.ts';
import { Idempotency } from './idempotency.ts';
import { Intake } from './intake.ts';
import type { Life } from './life.ts';
import { LossCount, type LossReason } from './loss.ts';
import { IDEMPOTENCY_WINDOW } from './options.ts';
import { entryIndex, type PendingBatch } from './pending-batch.ts';
import { Queue } from './queue.ts';
import { acknowledge } from './receipts.ts';
import { Sealer } from './sealer.ts';
import { Sequencer } from './sequencer.ts';
import type { Settings } from './settings.ts';
import { Spooling } from './spooling.ts';
import type { StatsCount } from './stats.ts';
import type { Subscribers } from './subscribers.ts';
import type { Diversion, Receipt } from './types.ts';
import { Unrecorded } from './unrecorded.ts';
import { sendAway, unheard, type Waiter } from './waiter.ts';
import { WaitingRoom } from './waiting-room.ts';

/** What receipts and readers see of the log. */
export interface PublishedHead {
  readonly size: number;
  readonly root: Hash;
  readonly note: string | null;
  /** When the note came, by `performance.now()`. */
  readonly at: number | null;
}

export interface RecorderOptions {
  readonly store: AuditStore;
  readonly signer: Signer;
  readonly origin: string;
  readonly life: Life;
  readonly settings: Settings;
  readonly subscribers: Subscribers;
  readonly stats: StatsCount;
  /** Null where the log has no place for one. */
  readonly spool: Spool | null;
}

/**
 * Everything between an accepted event and its receipt. The parts know nothing of each other: what one tells is
 * handed to the next here, and here alone an error is chosen for a caller.
 */
export class Recorder {
  readonly queue: Queue;
  readonly loss = new LossCount();
  readonly conditions: Conditions;
  readonly stats: StatsCount;

  readonly #options: RecorderOptions;
  readonly #index = new IdIndex(IDEMPOTENCY_WINDOW);
  readonly #intake: Intake;
  readonly #sealer: Sealer;
  readonly #loop: CommitLoop;
  readonly #sequencer: Sequencer;
  readonly #heartbeat: Heartbeat;
  readonly #absences: Absences;
  readonly #flushes = new FlushLine();
  readonly #spooling: Spooling | null;
  readonly #unrecorded: Unrecorded;

  // Owned by the loop's hooks.
  #head: PublishedHead;
  #gap: PreparedEvent | null = null;
  #closingSince: number | null = null;
  #diverted: Diverted | null = null;
  /** Signer or store have been away for longer than callers wait: why what is emitted is not put in the queue. */
  #away: string | null = null;
  #awayBegins: () => void = () => {};
  /** What earlier runs left in the spool may be recorded: its damage is told. */
  #replays = false;
  /** `log.close` is on its way: nothing may come behind it. */
  #ended = false;

  constructor(options: RecorderOptions, head: StoreHead) {
    const { store, signer, origin, life, settings, subscribers } = options;
    this.#options = options;
    this.#head = {
      size: head.size,
      root: foldFrontier(nodeHasher, head.frontier),
      note: head.note,
      at: head.note === null ? null : performance.now(),
    };
    this.conditions = new Conditions(subscribers);
    this.stats = options.stats;
    this.queue = new Queue(settings.queueEvents, settings.queueBytes);
    this.#absences = new Absences(settings, this.conditions, subscribers, (cutoff, code, error) =>
      this.#expire(cutoff, code, error),
    );
    this.#sequencer = new Sequencer(nodeHasher, new LogClock(settings.clock), (step) => life.clock(step));
    this.#sequencer.reset(head);
    this.#sealer = new Sealer(signer, origin, settings.signerTimeout, {
      down: (error) => {
        // Its first signature is not its key's: asking again would not help.
        if (error instanceof AuditError && error.code === 'KEY_INVALID') this.#loop.stop(error);
        else this.#absences.signerDown(error);
      },
      up: (milliseconds) => {
        this.stats.signing.add(milliseconds);
        this.#absences.signerUp();
        this.#back();
      },
    });
    this.#loop = new CommitLoop({
      store,
      queue: this.queue,
      sequencer: this.#sequencer,
      sealer: this.#sealer,
      batchEvents: settings.batchEvents,
      batchBytes: settings.batchBytes,
      patience: settings.queueTimeout,
      hooks: {
        beforeTake: () => this.#tellLoss(),
        rotation: () => life.rotate(this.#head.note!),
        unsigned: (batch) => {
          if (settings.allowUnsigned) acknowledge(batch, this.#index, null);
        },
        committed: (batch, committed) => this.#committed(batch, committed),
        storeDown: (error) => this.#absences.storeDown(error),
        storeUp: () => {
          this.#absences.storeUp();
          this.#back();
        },
        foreign: (from, to) => this.#foreign(from, to),
        stopped: (error) => this.#stopped(error),
      },
    });
    this.#intake = new Intake({
      queue: this.queue,
      room: new WaitingRoom(settings.queueTimeout, (event, waiter, error) => {
        this.#index.forget(event.id, error);
        this.#unrecorded.turnAway({
          event,
          waiter,
          reason: error.code === 'QUEUE_FULL' ? 'queue-full' : 'stopped',
          error,
        });
      }),
      index: this.#index,
      idempotency: new Idempotency(this.#index, store, nodeHasher),
      store,
      hooks: {
        wake: () => this.#loop.wake(),
        lost: (reason, error) => this.lost(reason, error),
        turnedAway: (away) => this.#unrecorded.turnAway(away),
        joinSpooled: (event, waiter) => this.#spooling?.join(event, waiter) ?? false,
        head: () => this.#head,
        inFlight: () => this.#loop.pending.flatMap((batch) => batch.events),
      },
    });
    this.#spooling =
      options.spool &&
      new Spooling(options.spool, store, this.conditions, {
        open: () => this.#takesSpooled(),
        obstacle: () => (this.stopped === null ? (this.#diverted?.reason ?? null) : 'the log has stopped'),
        size: () => this.#head.size,
        now: () => formatTime(wallTime(settings.clock)),
        take: (event, at, knownSize) => this.#intake.takeSpooled(event, at, knownSize),
        lost: (reason, error) => this.lost(reason, error),
        told: (error) => subscribers.tell('error', error),
      });
    this.#unrecorded = new Unrecorded(this.#spooling, {
      diverted: () => this.#diverted,
      lost: (reason, error) => this.lost(reason, error),
      told: (error) => subscribers.tell('error', error),
    });
    this.#heartbeat = new Heartbeat(settings.heartbeat, () => {
      // A log that waits for its signer or store is not idle: beats would only pile up.
      if (this.queue.events === 0) this.#push(life.heartbeat(), null);
    });
  }

  get head(): PublishedHead {
    return this.#head;
  }

  /** Why nothing is recorded any more; null while the log goes on. */
  get stopped(): AuditError | null {
    return this.#loop.stopped;
  }

  /** Null where the log has no place for a spool. */
  get spooling(): Spooling | null {
    return this.#spooling;
  }

  /** Takes an event; `waiter` is null for `emit`. */
  accept(event: PreparedEvent, waiter: Waiter | null, knownSize?: number): void {
    if (this.stopped !== null) {
      const error = turnedAway(event.id, this.stopped);
      this.#unrecorded.turnAway({ event, waiter, reason: 'stopped', error, knownSize });
      return;
    }
    if (this.#diverted !== null) {
      this.#unrecorded.divert(event, waiter, knownSize, this.#diverted);
      return;
    }
    const why = waiter === null && event.spool ? this.#spoolsFirst() : null;
    if (why === null) this.#intake.accept(event, waiter, knownSize);
    else this.#unrecorded.turnAway({ event, waiter, reason: 'queue-full', error: null, knownSize }, { why });
  }

  /** Where events go instead of into the log; null where they go into the log. */
  get diverted(): Diverted | null {
    return this.#diverted;
  }

  /** As `AuditLog.divert`. */
  divert(to: Diversion | null, reason: unknown): void {
    const diverted = checkDiversion(to, reason);
    if (diverted?.to === 'spool' && this.#spooling === null) throw noSpool();
    this.#diverted = diverted;
    if (diverted !== null) {
      this.conditions.begin('diverted', toldDiversion(diverted));
      this.#spooling?.block(diverted.reason);
      return;
    }
    this.conditions.end('diverted');
    this.loss.hurry();
    this.#loop.wake();
    this.#spooling?.run();
  }

  /** One of the log's own entries: never refused for want of room. */
  recordOwn(event: PreparedEvent): Promise<Receipt> {
    return new Promise((resolve, reject) => {
      this.#push(event, { id: event.id, at: performance.now(), resolve, reject });
    });
  }

  /** A segment begins with what comes next: where nothing does, a heartbeat. False where none is due. */
  async rotateIfDue(): Promise<boolean> {
    const { store, life } = this.#options;
    if (store.rotationDue?.() !== true) return false;
    await this.recordOwn(life.heartbeat());
    return true;
  }

  /** Counts an event that is not recorded; it becomes part of the next `log.gap`. */
  lost(reason: LossReason, error: AuditError | null): void {
    if (this.loss.count(reason)) this.#losing(reason);
    if (error !== null) this.#options.subscribers.tell('error', error);
    if (reason !== 'dropped') this.#loop.wake();
  }

  /** The same for what an adapter could not record, with what it knows of it. */
  reportGap(report: PreparedReport): void {
    if (this.loss.report(report)) this.#losing(report.reason);
    this.#loop.wake();
  }

  /** Counts an event that a handler did not pass on: somebody chose that, so nothing is amiss. */
  dropped(type: unknown): void {
    this.loss.drop(type);
  }

  /**
   * Begins to record what an earlier run left in the spool. Resolves once it is all safe, or has to wait.
   * @param damage what was found there and cannot be recorded: told before the files it was found in go
   */
  replayEarlier(damage: readonly PreparedReport[]): Promise<void> {
    const spooling = this.#spooling;
    if (spooling === null) return Promise.resolve();
    const replay = async () => {
      for (const report of damage) this.reportGap(report);
      if (damage.length > 0) await this.#flushQueue();
      this.#replays = true;
      spooling.tidy();
      await spooling.drained();
      await this.#flushQueue();
    };
    return new Promise((resolve) => {
      this.#awayBegins = resolve;
      // A log that stops meanwhile says so itself.
      replay()
        .catch(() => {})
        .then(resolve);
    });
  }

  /**
   * Resolves when everything handed in before, and every loss counted before, is durable and signed.
   * @throws AuditError `SPOOLED` where what is in the spool has to stay there for now
   */
  async flush(): Promise<void> {
    await this.#intake.settled();
    const kept = await this.#spooling?.drained().catch((error: AuditError) => error);
    await this.#flushQueue();
    if (kept !== undefined) throw kept;
  }

  /** Flushes, and ends with the entries that `last` makes. Gives up on a signer or store that stays away. */
  async finish(last: () => PreparedEvent): Promise<void> {
    this.#closingSince = performance.now();
    this.#heartbeat.stop();
    await this.flush().catch((error: AuditError) => {
      // What the spool has to keep is safe there, and follows at the next opening.
      if (error.code !== 'SPOOLED') throw error;
    });
    // What handlers dropped on purpose and was not told yet is told now.
    const untold = this.loss.take(performance.now());
    if (untold !== null) this.#push(this.#options.life.gap(untold), null);
    const closed = this.recordOwn(last());
    this.#ended = true;
    await closed;
    this.#loop.end(logClosed());
  }

  /** Whatever is still pending is turned away. The first reason stays. */
  stop(error: AuditError): void {
    this.#loop.stop(error);
  }

  async #flushQueue(): Promise<void> {
    this.#tellLoss();
    this.queue.hurry();
    this.#loop.wake();
    await this.#reached(this.queue.accepted);
  }

  #push(event: PreparedEvent, waiter: Waiter | null): void {
    if (this.stopped !== null) {
      waiter?.reject(turnedAway(event.id, this.stopped));
      return;
    }
    this.queue.push(event, waiter);
    this.#loop.wake();
  }

  #reached(upTo: number): Promise<void> {
    if (this.queue.released >= upTo) return Promise.resolve();
    if (this.stopped !== null) return Promise.reject(this.stopped);
    return this.#flushes.wait(upTo);
  }

  #losing(reason: string): void {
    this.conditions.begin(
      'loss',
      `Events are not recorded (${reason}); the log will say how many in log.gap.`,
    );
  }

  #tellLoss(): void {
    const now = performance.now();
    // While events are diverted, a log that tells of each loss at once would take what room there is.
    if (this.#ended || !this.loss.due(now, this.#diverted !== null)) return;
    this.#gap = this.#options.life.gap(this.loss.take(now)!);
    this.queue.push(this.#gap, null);
  }

  // Published in this order: who waits for a receipt first, then room for others, then whoever listens.
  #committed(batch: PendingBatch, head: CommittedHead): void {
    const { start } = batch.sequenced!;
    this.#head = { ...head, at: performance.now() };
    this.stats.committed(batch);
    acknowledge(batch, this.#index, head.note);
    for (let i = 0; i < batch.events.length; i++) {
      const event = batch.events[i]!;
      this.#index.commit(event.id, start + entryIndex(batch.sequenced!, i));
      this.#spooling?.committed(event.id);
      if (event === this.#gap) {
        this.#gap = null;
        if (!this.loss.due(performance.now())) this.conditions.end('loss');
      }
    }
    this.queue.release(batch.queued, batch.queuedBytes);
    this.#intake.admitWaiting();
    this.#spooling?.run();
    this.#flushes.serve(this.queue.released);
    this.#heartbeat.touch();
    announce(batch, head, this.#options.subscribers);
  }

  async #foreign(from: number, to: number): Promise<void> {
    if (!this.#index.awake) return;
    for await (const { seq, text } of this.#options.store.entries(from, to)) this.#index.add(idOf(text), seq);
  }

  /** Ends the waiting of whoever has waited too long, and, while the log is being closed, the closing. */
  #expire(cutoff: number, code: AuditErrorCode, error: (id: string) => AuditError): void {
    if (this.#closingSince !== null && this.#closingSince <= cutoff) {
      this.#loop.stop(gaveUp(code, this.queue.events, this.#spooling !== null));
      return;
    }
    const why = code === 'SIGNER_DOWN' ? 'the signer is away' : 'the store is away';
    const away = (event: PreparedEvent, waiter: Waiter) =>
      this.#unrecorded.turnAway(
        { event, waiter, reason: 'stopped', error: error(event.id) },
        { why, copy: true },
      );
    for (const { events, waiters } of this.#loop.pending) sendAway(events, waiters, cutoff, away);
    sendAway(this.queue.pending(), this.queue.waiters, cutoff, away);
    this.#index.expire(cutoff, error);
    if (this.#away !== null) return;
    this.#away = why;
    this.#awayBegins();
    // What nobody waits for would be lost with the process: from now on it goes to the spool, and a copy of what is here.
    for (const event of this.#pendingEmitted()) {
      if (event.spool && !this.#spooling!.has(event.id)) {
        this.#spooling!.keep(event, null, { why, copy: true, otherwise: () => {} });
      }
    }
  }

  #stopped(error: AuditError): void {
    this.#absences.end();
    this.#heartbeat.stop();
    const away = (id: string) => turnedAway(id, error);
    const uncertain =
      error.code === 'FENCED' || error.code === 'LOG_STOPPED'
        ? (id: string) => commitUncertain(id, error)
        : away;
    let lost = 0;
    for (const event of this.#pendingEmitted()) {
      if (this.#spooling?.has(event.id)) continue;
      if (event.spool) this.#unrecorded.turnAway({ event, waiter: null, reason: 'stopped', error: null });
      else lost++;
    }
    const told = (make: (id: string) => AuditError) => (event: PreparedEvent, waiter: Waiter) =>
      this.#unrecorded.turnAway({ event, waiter, reason: 'stopped', error: make(event.id) });
    for (const { events, waiters } of this.#loop.pending)
      sendAway(events, waiters, Number.POSITIVE_INFINITY, told(uncertain));
    sendAway(this.queue.pending(), this.queue.waiters, Number.POSITIVE_INFINITY, told(away));
    this.#intake.stop(away);
    this.#index.forgetAll(away);
    this.#flushes.fail(error);
    this.#spooling?.block('the log has stopped');
    if (lost > 0) this.loss.count('stopped', lost);
    this.conditions.begin('stopped', `${error.message} (${error.code})`);
    this.#options.subscribers.tell('error', error);
  }

  /** Events of applications in the queue or on their way from it that nobody waits for. */
  *#pendingEmitted(): Iterable<PreparedEvent> {
    for (const { events, waiters } of this.#loop.pending) yield* unheard(events, waiters);
    yield* unheard(this.queue.pending(), this.queue.waiters);
  }

  /** Why what is emitted goes to the spool without being tried; null where it does not. */
  #spoolsFirst(): string | null {
    return this.#away ?? this.#spooling?.waits ?? null;
  }

  /** True while what waits in the spool may enter the queue, and leave half of it to what comes in. */
  #takesSpooled(): boolean {
    const free =
      this.#replays &&
      this.stopped === null &&
      this.#diverted === null &&
      this.#away === null &&
      !this.#ended;
    return free && !this.queue.crowded && !this.#intake.hasGuests;
  }

  /** Signer or store are back. */
  #back(): void {
    if (this.#away === null || this.#absences.any) return;
    this.#away = null;
    this.#spooling?.run();
  }
}
