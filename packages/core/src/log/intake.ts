// Where accepted events enter: room in the queue, or the waiting room; and ids that may already be known.
import { AuditError } from '../errors.ts';
import { type PreparedEvent, withOccurredAt } from '../event/prepared.ts';
import type { AuditStore } from '../store/store.ts';
import type { IdIndex } from './id-index.ts';
import type { Idempotency } from './idempotency.ts';
import type { LossReason } from './loss.ts';
import type { Queue } from './queue.ts';
import type { TurnedAway } from './unrecorded.ts';
import type { Waiter } from './waiter.ts';
import type { WaitingRoom } from './waiting-room.ts';

export interface IntakeHooks {
  /** Something is in the queue. */
  wake(): void;
  /** An event nobody waits for is not recorded. */
  lost(reason: LossReason, error: AuditError): void;
  /** An event cannot be recorded now. */
  turnedAway(away: TurnedAway): void;
  /** True where an event of this id waits to be recorded later, and whoever waits for this one is told so. */
  joinSpooled(event: PreparedEvent, waiter: Waiter | null): boolean;
  /** Entries committed, and the newest note. */
  head(): { readonly size: number; readonly note: string | null };
  /** Everything taken from the queue and not yet committed. */
  inFlight(): Iterable<PreparedEvent>;
}

export interface IntakeOptions {
  readonly queue: Queue;
  readonly room: WaitingRoom;
  readonly index: IdIndex;
  readonly idempotency: Idempotency;
  readonly store: AuditStore;
  readonly hooks: IntakeHooks;
}

export class Intake {
  readonly #options: IntakeOptions;
  readonly #lookups = new Set<Promise<void>>();
  #stopped: ((id: string) => AuditError) | null = null;

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  /** Takes one event; `waiter` is null for `emit`. Returns at once. */
  accept(event: PreparedEvent, waiter: Waiter | null, knownSize: number | undefined): void {
    if (!event.ownId) this.#enqueue(event, waiter);
    else if (this.#options.idempotency.isImmediate(event, knownSize)) this.#joinOrEnqueue(event, waiter);
    else this.#lookUp(event, waiter, knownSize);
  }

  /**
   * Takes an event out of the spool, where it was put at `at`. Resolves true once it is in the queue, false where it is in
   * the log already, with or without that time.
   * @throws AuditError `ID_CONFLICT`; Error where that could not be read
   */
  async takeSpooled(event: PreparedEvent, at: string, knownSize: number | undefined): Promise<boolean> {
    const { queue, index, idempotency, hooks } = this.#options;
    if (event.ownId) {
      let asked = knownSize;
      while (!idempotency.isImmediate(event, asked)) {
        await this.#wakeIndex();
        if ((await idempotency.recorded(event, asked)) !== null) return false;
        asked = undefined;
      }
      if (idempotency.pending(event) !== null) return true;
    }
    const timed = withOccurredAt(event, at);
    timed.spool = true;
    index.track(timed);
    queue.push(timed, null);
    hooks.wake();
    return true;
  }

  /** Room was made: those who wait for it come first. */
  admitWaiting(): void {
    const { queue, room, hooks } = this.#options;
    if (room.size === 0) return;
    room.admit((event, waiter) => {
      if (!queue.hasRoom(event.bytes)) return false;
      queue.push(event, waiter);
      return true;
    });
    hooks.wake();
  }

  /** True where somebody waits for room. */
  get hasGuests(): boolean {
    return this.#options.room.size > 0;
  }

  /** Resolves when every event handed in before is in the queue, or was turned away. */
  async settled(): Promise<void> {
    await Promise.all(this.#lookups);
    await this.#options.room.served();
  }

  /** Nothing will be recorded any more; what is still being looked up is turned away, too. */
  stop(error: (id: string) => AuditError): void {
    this.#stopped = error;
    this.#options.room.clear(error);
  }

  #enqueue(event: PreparedEvent, waiter: Waiter | null): void {
    const { queue, room, index, hooks } = this.#options;
    // Whoever waits for room was here before.
    if (room.size === 0 && queue.hasRoom(event.bytes)) {
      index.track(event);
      queue.push(event, waiter);
      hooks.wake();
    } else if (waiter !== null) {
      index.track(event);
      room.enter(event, waiter);
    } else {
      hooks.turnedAway({ event, waiter, reason: 'queue-full', error: null });
    }
  }

  #joinOrEnqueue(event: PreparedEvent, waiter: Waiter | null): void {
    try {
      if (this.#options.hooks.joinSpooled(event, waiter)) return;
      const pending = this.#options.idempotency.pending(event);
      if (pending === null) this.#enqueue(event, waiter);
      else if (waiter !== null) {
        pending.joined = [...(pending.joined ?? []), waiter];
        this.#options.queue.hurry();
        this.#options.hooks.wake();
      }
    } catch (error) {
      this.#refuse(waiter, 'conflict', error as AuditError);
    }
  }

  #lookUp(event: PreparedEvent, waiter: Waiter | null, knownSize: number | undefined): void {
    const { queue, hooks } = this.#options;
    if (waiter === null && !queue.hasRoom(event.bytes)) {
      hooks.turnedAway({ event, waiter, reason: 'queue-full', error: null, knownSize });
      return;
    }
    queue.hold(event);
    const lookup = this.#lookUpAndAccept(event, waiter, knownSize);
    this.#lookups.add(lookup);
    void lookup.then(() => this.#lookups.delete(lookup));
  }

  async #lookUpAndAccept(
    event: PreparedEvent,
    waiter: Waiter | null,
    knownSize: number | undefined,
  ): Promise<void> {
    const { queue, idempotency, hooks } = this.#options;
    try {
      await this.#wakeIndex();
      let recorded = await idempotency.recorded(event, knownSize);
      // While the log was read, the same event may have come in once more, and even have been committed.
      while (recorded === null && !idempotency.isImmediate(event, undefined)) {
        recorded = await idempotency.recorded(event, undefined);
      }
      queue.letGo(event);
      if (this.#stopped !== null) {
        hooks.turnedAway({ event, waiter, reason: 'stopped', error: this.#stopped(event.id), knownSize });
      } else if (recorded === null) this.#joinOrEnqueue(event, waiter);
      else
        waiter?.resolve({
          seq: recorded.seq,
          id: event.id,
          hash: recorded.hash,
          checkpoint: hooks.head().note,
        });
      this.admitWaiting();
    } catch (error) {
      queue.letGo(event);
      if (error instanceof AuditError && error.code === 'ID_CONFLICT')
        this.#refuse(waiter, 'conflict', error);
      else
        hooks.turnedAway({
          event,
          waiter,
          reason: 'unreadable',
          error: unreadable(event.id, error),
          knownSize,
        });
    }
  }

  #wakeIndex(): Promise<void> {
    const { index, store, hooks } = this.#options;
    return index.wake(
      hooks.head().size,
      () => this.#pending(),
      (from, to) => store.entries(from, to),
    );
  }

  *#pending(): Iterable<PreparedEvent> {
    const { queue, room, hooks } = this.#options;
    yield* hooks.inFlight();
    yield* queue.pending();
    yield* room.pending();
  }

  #refuse(waiter: Waiter | null, reason: LossReason, error: AuditError): void {
    if (waiter !== null) waiter.reject(error);
    else this.#options.hooks.lost(reason, error);
  }
}

function unreadable(id: string, cause: unknown): AuditError {
  return new AuditError(
    'STORE_IO',
    'The event was not recorded: whether its id already is in the log could not be read. Record it again with this id.',
    { id, cause },
  );
}
