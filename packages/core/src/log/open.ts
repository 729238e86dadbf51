// Opens a log: options checked, store opened, and the entries that begin this run committed.
import { AuditError } from '../errors.ts';
import { uuidv7 } from '../event/id.ts';
import { createPreparer } from '../event/prepare.ts';
import type { PreparedEvent } from '../event/prepared.ts';
import { formatTime } from '../event/time.ts';
import { nodeHasher } from '../merkle/node-hasher.ts';
import { parseCheckpoint } from '../note/checkpoint.ts';
import { parseNote } from '../note/note.ts';
import type { Signer } from '../note/signer.ts';
import { createRedactor, privacyWarnings } from '../privacy/redactor.ts';
import type { OpenedSpool } from '../spool/spool.ts';
import type { Disk } from '../store/file/disk.ts';
import { nodeDisk } from '../store/file/node-disk.ts';
import { openFileStore } from '../store/file/open.ts';
import { timedDisk } from '../store/file/timed-disk.ts';
import type { AuditStore, StoreHead } from '../store/store.ts';
import { OpenAuditLog } from './audit-log.ts';
import { wallTime } from './clock.ts';
import { FailureChoice } from './failure-choice.ts';
import { type GapReport, prepareReport } from './gap-report.ts';
import { Life } from './life.ts';
import { openSpool, toldDamage } from './open-spool.ts';
import type { AuditLogOptions } from './options.ts';
import { Recorder } from './recorder.ts';
import { checkOptions, type Settings } from './settings.ts';
import { StatsCount } from './stats.ts';
import { storeSource } from './store-source.ts';
import { Subscribers } from './subscribers.ts';
import type { AuditLog } from './types.ts';
import { verifyOwnDirectory, verifyOwnSource } from './verify-log.ts';

/** A store and what signs it. */
interface OpenedStore {
  readonly store: AuditStore;
  readonly signer: Signer;
  readonly origin: string;
  readonly location: string;
}

/**
 * Opens a log, creating it where there is none. Resolves once the entries that begin this run are safe: `log.create` on an
 * empty log; else `log.recover` where the last run did not end in `log.close` or something was found amiss, and
 * `log.open`.
 *
 * @throws AuditError `OPTIONS_INVALID`, and what opening the store throws: `LOCKED`, `KEY_MISSING`, `LOG_TAMPERED`, …
 */
export async function openAuditLog(options: AuditLogOptions): Promise<AuditLog> {
  return openLog(options, uuidv7);
}

/** The same with ids of one's own (`@audit/core/testing` makes them predictable), and with the disk of the spool. */
export async function openLog(
  options: AuditLogOptions,
  newId: () => string,
  disk: Disk = nodeDisk,
): Promise<AuditLog> {
  const settings = checkOptions(options);
  const redactor = createRedactor(options.privacy);
  const warnings = privacyWarnings(options.privacy);
  const stats = new StatsCount();
  const { store, signer, origin, location } = await openStore(options, settings, stats);
  let opened: OpenedSpool | null = null;
  try {
    const head = await store.head();
    checkHead(head, origin);
    const life = new Life(origin, nodeHasher, newId, options);
    const subscribers = new Subscribers();
    const report = (gap: GapReport) => prepareReport(gap, redactor, formatTime(wallTime(settings.clock)));
    opened = await openSpool(options, origin, settings, disk, {
      changed: () => recorder.spooling?.run(),
      damaged: (damage) => recorder.reportGap(report(toldDamage(damage))),
    });
    const spool = opened?.spool ?? null;
    const recorder: Recorder = new Recorder(
      { store, signer, origin, life, settings, subscribers, stats, spool },
      head,
    );
    const log = new OpenAuditLog({
      origin,
      location,
      store,
      signer,
      life,
      newId,
      recorder,
      subscribers,
      warnings,
      prepare: createPreparer({ redactor, hasher: nodeHasher, newId }),
      prepareReport: report,
      failures: new FailureChoice(settings.onFailure, spool !== null, subscribers),
      verify: async (request) =>
        options.directory === undefined
          ? verifyOwnSource(storeSource(store, recorder.head, location, signer.key.vkey), signer, request)
          : verifyOwnDirectory(location, options.stateDirectory, signer, request),
    });
    try {
      const unsafe = settings.queueEvents + (opened === null || opened.isNew ? 0 : settings.spoolEvents);
      const events = opening(head, store, signer, life, warnings, unsafe);
      await Promise.all(events.map((event) => recorder.recordOwn(event)));
      await store.opened?.recoveryRecorded?.();
      // What an earlier run left comes before anything of this one.
      await recorder.replayEarlier((opened?.found ?? []).map((damage) => report(toldDamage(damage))));
    } catch (error) {
      recorder.stop(error as AuditError);
      throw error;
    }
    return log;
  } catch (error) {
    await opened?.spool.close();
    await store.close();
    throw error;
  }
}

async function openStore(
  options: AuditLogOptions,
  settings: Settings,
  stats: StatsCount,
): Promise<OpenedStore> {
  const { directory, store, signer, origin } = options;
  if (store !== undefined) {
    return { store, signer: signer!, origin: origin!, location: store.location ?? 'memory' };
  }
  const onKeyCreated = options.onKeyCreated ?? printKey;
  const clock = { now: () => wallTime(settings.clock) };
  const disk = timedDisk(nodeDisk, (milliseconds) => stats.sync.add(milliseconds));
  const file = await openFileStore({ ...options, directory: directory!, onKeyCreated, clock, disk });
  return { store: file, signer: file.signer, origin: file.origin, location: file.location };
}

/**
 * What begins a run, in order.
 * @param unsafe how many events a process may hold that are on no disk
 */
function opening(
  head: StoreHead,
  store: AuditStore,
  signer: Signer,
  life: Life,
  warnings: readonly string[],
  unsafe: number,
): PreparedEvent[] {
  const { opened } = store;
  const warned = [...warnings, ...(store.warnings?.() ?? [])];
  if (head.size === 0) return [life.create([signer.key.vkey], warned)];
  const closedCleanly = opened?.closedCleanly ?? endsInClose(head);
  const possiblyLost = closedCleanly ? {} : { possiblyLost: unsafe };
  const events: PreparedEvent[] = [];
  if (!closedCleanly || opened?.recovered !== undefined) {
    events.push(life.recover({ ...possiblyLost, ...opened?.recovered }));
  }
  events.push(life.open(head.size, warned));
  return events;
}

function endsInClose({ lastEntry }: StoreHead): boolean {
  return lastEntry !== null && (JSON.parse(lastEntry) as { type: string }).type === 'log.close';
}

/** A store of one log must not go on under the name of another. The file store checks its own. */
function checkHead({ note }: StoreHead, origin: string): void {
  if (note === null) return;
  const found = parseCheckpoint(parseNote(note).text).origin;
  if (found !== origin) {
    throw new AuditError(
      'OPTIONS_INVALID',
      `origin is ${JSON.stringify(origin)}, but the store holds the log ${JSON.stringify(found)}: give that one.`,
    );
  }
}

function printKey(vkey: string): void {
  process.stderr.write(
    `audit: a signing key was made; pin its verifier key where the log is checked: ${vkey}\n`,
  );
}
