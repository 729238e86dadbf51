// Watches the disk of a log, and of its spool, and does what the ladder says before it is full.
import { stat } from 'node:fs/promises';
import type { AuditLog } from '@audit/core';
import { PolicyError } from '../../problem.ts';
import type { DiskPolicy } from '../../sections/disk.ts';
import type { Check, MonitoringSource } from '../check.ts';
import { tellQuietly } from '../listener.ts';
import { gauge, type Metric } from '../metric.ts';
import { diskEntry, diskErrorEntry } from './entries.ts';
import { DISK_ACTIONS, type DiskAction } from './ladder.ts';
import { type DiskChange, WatchedPlace } from './place.ts';

/** After an error of the log the disk is looked at, but not more often than this, in milliseconds. */
export const AFTER_ERRORS = 1_000;

/** The log was closed because its disk is full. */
export interface DiskHalt extends DiskChange {
  /** Why not everything accepted before could be recorded; null where it was. */
  readonly error: Error | null;
}

export interface DiskListeners {
  /** Told each time the action of a place changes. */
  readonly onDisk?: ((change: DiskChange) => void) | undefined;
  /**
   * Told once the log is closed by `halt`. Default: nothing more; whatever is recorded then rejects. A service that must
   * not go on without its log ends here: `onHalt: () => process.exit(1)`.
   */
  readonly onHalt?: ((halt: DiskHalt) => void) | undefined;
}

export interface DiskWatchOptions extends DiskListeners {
  readonly log: AuditLog;
  readonly disk: DiskPolicy;
  /** Where the log spools; needed, and on another disk, where the ladder has `spool`. */
  readonly spoolDirectory?: string | undefined;
}

export class DiskWatch implements MonitoringSource {
  readonly #options: DiskWatchOptions;
  readonly #places: readonly WatchedPlace[];
  readonly #unsubscribe: () => void;
  #timer: NodeJS.Timeout | undefined;
  #measuring: Promise<void> | undefined;
  #measuredAt = Number.NEGATIVE_INFINITY;
  #stopped = false;
  /** Places whose measuring failed and was told. */
  readonly #unmeasured = new Set<WatchedPlace>();

  /**
   * Measures, acts, and goes on with both.
   *
   * @throws PolicyError `POLICY_INVALID` where the ladder spools onto the disk that it is to spare
   */
  static async start(options: DiskWatchOptions): Promise<DiskWatch> {
    await checkSpool(options);
    const watch = new DiskWatch(options);
    await watch.measure();
    return watch;
  }

  private constructor(options: DiskWatchOptions) {
    const { log, disk, spoolDirectory } = options;
    const { warn, alert } = disk.ladder;
    const told = { ...(warn && { warn }), ...(alert && { alert }) };
    this.#options = options;
    this.#places = [
      new WatchedPlace('log', log.info().location, disk.ladder),
      ...(spoolDirectory === undefined ? [] : [new WatchedPlace('spool', spoolDirectory, told)]),
    ];
    this.#unsubscribe = log.on('error', () => this.#arm(this.#measuredAt + AFTER_ERRORS - performance.now()));
  }

  /** What is in force for the log; null where there is room. */
  get action(): DiskAction | null {
    return this.#places[0]!.action;
  }

  /** Looks now. Calls that come meanwhile join. */
  measure(): Promise<void> {
    this.#measuring ??= this.#measure().finally(() => {
      this.#measuring = undefined;
      this.#arm(this.#options.disk.interval);
    });
    return this.#measuring;
  }

  /** No longer looks, and no longer turns events away: nobody would end that. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#unsubscribe();
    await this.#measuring;
    if (this.action === 'spool' || this.action === 'refuse') this.#options.log.divert(null);
  }

  checks(): readonly Check[] {
    return this.#places.map(checkOf);
  }

  metrics(): readonly Metric[] {
    const measured = this.#places.flatMap(({ name, space }) =>
      space === null ? [] : [{ labels: { place: name }, space }],
    );
    return [
      gauge(
        'audit_disk_free_bytes',
        'Bytes that can still be written to the disk of the log, and of its spool.',
        measured.map(({ labels, space }) => ({ labels, value: space.free })),
      ),
      gauge(
        'audit_disk_size_bytes',
        'Bytes of these disks.',
        measured.map(({ labels, space }) => ({ labels, value: space.size })),
      ),
      gauge(
        'audit_disk_action',
        'What is done about the disk of the log: 1 for the action in force, 0 for the others.',
        DISK_ACTIONS.map((action) => ({ labels: { action }, value: Number(action === this.action) })),
      ),
    ];
  }

  #arm(delay: number): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    this.#timer = setTimeout(() => void this.measure(), Math.max(0, delay));
    this.#timer.unref();
  }

  async #measure(): Promise<void> {
    this.#measuredAt = performance.now();
    for (const place of this.#places) {
      const change = await place.measure();
      this.#tellUnmeasured(place);
      if (change === null || this.#stopped) continue;
      if (place === this.#places[0]) await this.#act(change);
      else this.#options.log.emit(diskEntry(change));
      tellQuietly(this.#options.onDisk, change);
    }
  }

  /** Told when it begins. */
  #tellUnmeasured(place: WatchedPlace): void {
    const { name, directory, problem } = place;
    if (problem === null) this.#unmeasured.delete(place);
    else if (!this.#unmeasured.has(place)) {
      this.#unmeasured.add(place);
      this.#options.log.emit(diskErrorEntry('measure', problem, { place: name, directory }));
    }
  }

  /**
   * The entry first: once events are turned away, it would be, too, and what is spooled now stands in the log only after
   * the disk has room again. In this turn of the event loop nothing of the application comes between the end of one
   * diversion and the beginning of the next.
   */
  async #act(change: DiskChange): Promise<void> {
    const { log } = this.#options;
    const { action, before, reason } = change;
    if (before === 'spool' || before === 'refuse') log.divert(null);
    log.emit(diskEntry(change));
    if (action === 'spool' || action === 'refuse') this.#divert(action, reason);
    if (action === 'halt') await this.#halt(change);
  }

  #divert(action: 'spool' | 'refuse', reason: string): void {
    try {
      this.#options.log.divert(action, reason);
    } catch (error) {
      // Recording goes on while it can: that is more than refusing would keep.
      this.#options.log.emit(diskErrorEntry('divert', error as Error, { to: action, reason }));
    }
  }

  async #halt(change: DiskChange): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#unsubscribe();
    const error = await this.#options.log.close().then(
      () => null,
      (reason: Error) => reason,
    );
    tellQuietly(this.#options.onHalt, { ...change, error });
  }
}

function checkOf(place: WatchedPlace): Check {
  const { name, action, problem } = place;
  const reasons: string[] = [];
  if (action !== null) reasons.push(`${action}: ${place.inWords()}; make room.`);
  if (problem !== null) reasons.push(`The disk of the ${name} cannot be measured: ${problem.message}.`);
  const failed = action === 'refuse' || action === 'halt';
  const status = failed ? 'failed' : reasons.length > 0 ? 'degraded' : 'ok';
  return { name: `disk of the ${name}`, status, reasons };
}

/** @throws PolicyError where spooling would fill the same disk */
async function checkSpool({ log, disk, spoolDirectory }: DiskWatchOptions): Promise<void> {
  if (disk.ladder.spool === undefined) return;
  const [ofLog, ofSpool] = await Promise.all([
    stat(log.info().location),
    spoolDirectory === undefined ? null : stat(spoolDirectory),
  ]);
  if (ofSpool !== null && ofSpool.dev !== ofLog.dev) return;
  throw new PolicyError(
    'POLICY_INVALID',
    'monitoring.disk.spool: the spool is not on a disk of its own, so it would fill the one it is to spare; give it a directory on another disk, or leave spool off.',
  );
}
