// What becomes of the log itself: name, place, segments, signing, batches and queue. All of it options of openAuditLog.
import { readFileSync } from 'node:fs';
import {
  type AuditLogOptions,
  createMemoryStore,
  DEFAULT_BATCH_BYTES,
  DEFAULT_BATCH_EVENTS,
  DEFAULT_LOCK_TIMEOUT,
  DEFAULT_QUEUE_BYTES,
  DEFAULT_QUEUE_EVENTS,
  DEFAULT_QUEUE_TIMEOUT,
  DEFAULT_SEGMENT_AGE,
  DEFAULT_SEGMENT_BYTES,
  DEFAULT_SIGNER_TIMEOUT,
  DEFAULT_SPOOL_EVENTS,
  generatePrivateKey,
  MAX_ENTRY_BYTES,
  MAX_WRITER_NAME,
  signerFromPem,
} from '@audit/core';
import { isOrigin } from '@audit/core/internal';
import type { z } from 'zod';
import { PolicyError } from '../problem.ts';
import { count, duration, LONGEST_TIMER, size, spellDuration, spellSize } from '../settings/quantities.ts';
import { type Reader, setting, Unfit } from '../settings/setting.ts';
import { choice, flag, path, text } from '../settings/words.ts';
import { verifySettings } from './maintenance.ts';
import { given, section } from './section.ts';

/** Where the log is kept when the policy does not say. */
export const DEFAULT_DIRECTORY = 'audit-log';

const writerName = text({
  what: `a name of at most ${MAX_WRITER_NAME} characters`,
  test: (value) => value.length <= MAX_WRITER_NAME,
});

export const logSections = {
  log: section(
    {
      origin: setting(
        text({ what: 'a schema-less URL without spaces or "+", such as shop.example/audit', test: isOrigin }),
        'Name of the log in every checkpoint. Fixed once the log is made; an existing log knows its own.',
        null,
      ),
      service: setting(
        writerName,
        'Name of the application that writes: said by log.create and log.open.',
        null,
      ),
      instance: setting(
        writerName,
        'Name of this one of its instances, such as a host or a container: likewise.',
        null,
      ),
    },
    'What the log is called, and who writes it.',
  ),
  storage: section(
    {
      store: setting(
        choice('file', 'memory'),
        'Where entries are kept: file, or memory, which ends with the process and is for trying things out.',
        'file',
      ),
      directory: setting(path, 'Directory of the entries; made where it is missing.', DEFAULT_DIRECTORY),
      stateDirectory: setting(
        path,
        'Private side: the key, unless it lives elsewhere, and the high-water mark. Default: <directory>.private.',
        null,
      ),
      spoolDirectory: setting(
        path,
        'Folder for events that cannot be recorded, where events says spool; better on another volume. Default: spool in the private side.',
        null,
      ),
      spoolEvents: setting(
        count({ least: 1 }),
        'Events that may wait there; more are lost, counted and told by log.gap.',
        DEFAULT_SPOOL_EVENTS,
      ),
      directoryMode: setting(
        mode('0700', '0750'),
        'Permissions of the folders of the log: 0700, or 0750 for a group that reads it.',
        '0700',
      ),
      fileMode: setting(
        mode('0600', '0640'),
        'Permissions of its files: 0600, or 0640 for a group that reads it.',
        '0600',
      ),
    },
    'Where the log is kept, and who may read it.',
  ),
  rotation: section(
    {
      size: setting(
        size({ least: 1 }),
        'A segment is closed once it has this size.',
        spellSize(DEFAULT_SEGMENT_BYTES),
      ),
      age: setting(
        duration(),
        'A segment is closed once it is this old.',
        spellDuration(DEFAULT_SEGMENT_AGE),
      ),
      maxFiles: setting(
        count({ least: 1 }),
        'Segments on disk at most: beyond, the oldest are pruned before they expire, where floors and holds allow.',
        null,
      ),
      maxBytes: setting(size({ least: 1 }), 'Bytes of segments on disk at most, likewise.', null),
    },
    'When a segment ends and the next one begins.',
  ),
  integrity: section(
    {
      heartbeat: setting(
        duration({ most: LONGEST_TIMER }),
        'A log.heartbeat is written after so much silence, so that silence can be told from deletion; 0ms never.',
        '0ms',
      ),
      ...verifySettings,
    },
    'What the log does to be checked.',
  ),
  signing: section(
    {
      algorithm: setting(
        choice('ed25519', 'ecdsa-p256'),
        'Type of the key that is made for a new log.',
        'ed25519',
      ),
      keyFile: setting(
        path,
        'PKCS#8 PEM of the key. Default: AUDIT_KEY_FILE, else key.pem in the private side, made once.',
        null,
      ),
      timeout: setting(
        duration({ least: 1, most: LONGEST_TIMER }),
        'How long recording waits for a signer that is down.',
        spellDuration(DEFAULT_SIGNER_TIMEOUT),
      ),
      allowUnsigned: setting(
        flag,
        'Acknowledge durable but unsigned entries while the signer is down.',
        false,
      ),
    },
    'What signs the checkpoints.',
  ),
  performance: section(
    {
      batchEvents: setting(count({ least: 1 }), 'Entries in one batch, at most.', DEFAULT_BATCH_EVENTS),
      batchBytes: setting(
        size({ least: MAX_ENTRY_BYTES }),
        'Bytes of entries in one batch, at most.',
        spellSize(DEFAULT_BATCH_BYTES),
      ),
      queueEvents: setting(
        count({ least: 1 }),
        'Events waiting to be committed, at most.',
        DEFAULT_QUEUE_EVENTS,
      ),
      queueBytes: setting(
        size({ least: MAX_ENTRY_BYTES }),
        'Bytes of events waiting to be committed, at most.',
        spellSize(DEFAULT_QUEUE_BYTES),
      ),
      queueTimeout: setting(
        duration({ most: LONGEST_TIMER }),
        'How long recording waits for room in the queue, and for a store that fails.',
        spellDuration(DEFAULT_QUEUE_TIMEOUT),
      ),
      lockTimeout: setting(
        duration(),
        'How long opening waits for another process to let go of the log.',
        spellDuration(DEFAULT_LOCK_TIMEOUT),
      ),
    },
    'How much is written at once, and how much may wait.',
  ),
};

type LogValues = { readonly [K in keyof typeof logSections]: z.output<(typeof logSections)[K]> };

/** The sections as options of openAuditLog; what the policy leaves out is left to its defaults. */
export function logOptions(values: LogValues): AuditLogOptions {
  const { log, storage, integrity, signing, performance } = values;
  return {
    ...(storage.store === 'memory' ? memoryOptions(values) : fileOptions(values)),
    ...given({
      origin: log.origin,
      service: log.service,
      instance: log.instance,
      heartbeat: integrity.heartbeat,
      signerTimeout: signing.timeout,
      allowUnsigned: signing.allowUnsigned,
      spoolDirectory: storage.spoolDirectory,
      spoolEvents: storage.spoolEvents,
      batchEvents: performance.batchEvents,
      batchBytes: performance.batchBytes,
      queueEvents: performance.queueEvents,
      queueBytes: performance.queueBytes,
      queueTimeout: performance.queueTimeout,
    }),
  };
}

function fileOptions({ storage, rotation, signing, performance }: LogValues): AuditLogOptions {
  return {
    directory: storage.directory ?? DEFAULT_DIRECTORY,
    ...given({
      stateDirectory: storage.stateDirectory,
      fileMode: storage.fileMode,
      directoryMode: storage.directoryMode,
      segmentBytes: rotation.size,
      segmentAge: rotation.age,
      keyType: signing.algorithm,
      keyFile: signing.keyFile,
      lockTimeout: performance.lockTimeout,
    }),
  };
}

/** What only a file has a use for is left out. The key is that of keyFile, else one that ends with the store. */
function memoryOptions({ log, signing }: LogValues): AuditLogOptions {
  const pem =
    signing.keyFile === undefined
      ? generatePrivateKey(signing.algorithm ?? 'ed25519')
      : readKey(signing.keyFile);
  // The schema asks for the origin, which the key bears.
  return { store: createMemoryStore(), signer: signerFromPem(log.origin!, pem) };
}

function readKey(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new PolicyError(
      'POLICY_UNREADABLE',
      `signing.keyFile ${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`,
      [],
      {
        cause: error,
      },
    );
  }
}

/** Permissions, which YAML takes for a number where they are not quoted. */
function mode(...modes: readonly string[]): Reader<number> {
  return {
    json: { anyOf: [{ enum: modes }, { enum: modes.map(Number) }] },
    read(value) {
      const written = modes.find((one) => one === value || Number(one) === value);
      if (written === undefined) throw new Unfit(`must be ${modes.join(' or ')}`);
      return Number.parseInt(written, 8);
    },
  };
}
