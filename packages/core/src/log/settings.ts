// The options of openAuditLog, checked and complete: contradictions are refused before anything is touched.
import { AuditError } from '../errors.ts';
import { MAX_ENTRY_BYTES } from '../event/model.ts';
import { isOrigin } from '../note/key-name.ts';
import { systemClock } from './clock.ts';
import { compileFailureRules, type FailureRules } from './failure-rules.ts';
import {
  type AuditLogOptions,
  type Clock,
  DEFAULT_BATCH_BYTES,
  DEFAULT_BATCH_EVENTS,
  DEFAULT_QUEUE_BYTES,
  DEFAULT_QUEUE_EVENTS,
  DEFAULT_QUEUE_TIMEOUT,
  DEFAULT_SIGNER_TIMEOUT,
  DEFAULT_SPOOL_EVENTS,
  MAX_WRITER_NAME,
} from './options.ts';

/** What the log itself needs of the options; the rest is the file store's. */
export interface Settings {
  readonly queueEvents: number;
  readonly queueBytes: number;
  readonly queueTimeout: number;
  readonly batchEvents: number;
  readonly batchBytes: number;
  readonly signerTimeout: number;
  readonly allowUnsigned: boolean;
  readonly onFailure: FailureRules;
  readonly spoolEvents: number;
  readonly heartbeat: number;
  readonly clock: Clock;
}

const NAMES: Readonly<Record<keyof AuditLogOptions, true>> = {
  directory: true,
  store: true,
  origin: true,
  service: true,
  instance: true,
  fileMode: true,
  directoryMode: true,
  stateDirectory: true,
  keyFile: true,
  signer: true,
  keyType: true,
  privacy: true,
  queueEvents: true,
  queueBytes: true,
  queueTimeout: true,
  batchEvents: true,
  batchBytes: true,
  signerTimeout: true,
  lockTimeout: true,
  segmentBytes: true,
  segmentAge: true,
  allowUnsigned: true,
  onFailure: true,
  spoolDirectory: true,
  spoolEvents: true,
  heartbeat: true,
  clock: true,
  share: true,
  onKeyCreated: true,
};

/** Options that only a file store has a use for. */
const FILE_ONLY = [
  'fileMode',
  'directoryMode',
  'stateDirectory',
  'keyFile',
  'keyType',
  'lockTimeout',
  'segmentBytes',
  'segmentAge',
  'onKeyCreated',
] as const;

/** The longest time a timer of JavaScript can count, in milliseconds: 24.8 days. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** @throws AuditError `OPTIONS_INVALID`, naming the option and what to do */
export function checkOptions(options: AuditLogOptions): Settings {
  if (typeof options !== 'object' || options === null) {
    throw invalid(
      'options',
      'must be an object such as { directory: "audit-log", origin: "shop.example/audit" }',
    );
  }
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(NAMES, name))
      throw invalid(name, `is no option; there are ${Object.keys(NAMES).join(', ')}`);
  }
  checkPlace(options);
  checkKey(options);
  if ((options.share as unknown) !== undefined && options.share !== false) {
    throw invalid('share', 'can only be false for now: open the log in one process');
  }
  const { clock } = options;
  if (clock !== undefined && typeof clock?.now !== 'function') {
    throw invalid('clock', 'must have a method now() that returns milliseconds since the epoch');
  }
  for (const name of ['stateDirectory', 'keyFile', 'spoolDirectory'] as const) {
    const path = options[name];
    if (path !== undefined && (typeof path !== 'string' || path === '')) {
      throw invalid(name, 'must be a non-empty path');
    }
  }
  for (const name of ['service', 'instance'] as const) {
    const text = options[name];
    if (text === undefined || (typeof text === 'string' && text !== '' && text.length <= MAX_WRITER_NAME))
      continue;
    throw invalid(name, `must be a name of 1 to ${MAX_WRITER_NAME} characters`);
  }
  mode(options, 'fileMode', 0o600, 0o640);
  mode(options, 'directoryMode', 0o700, 0o750);
  if (options.allowUnsigned !== undefined && typeof options.allowUnsigned !== 'boolean') {
    throw invalid('allowUnsigned', 'must be true or false');
  }
  if (options.onKeyCreated !== undefined && typeof options.onKeyCreated !== 'function') {
    throw invalid('onKeyCreated', 'must be a function that is told the verifier key');
  }
  for (const name of ['lockTimeout', 'segmentAge'] as const) count(options, name, 0, 0);
  count(options, 'segmentBytes', 1, 1);
  const onFailure = checkFailure(options);
  return {
    queueEvents: count(options, 'queueEvents', DEFAULT_QUEUE_EVENTS, 1),
    queueBytes: count(options, 'queueBytes', DEFAULT_QUEUE_BYTES, MAX_ENTRY_BYTES),
    queueTimeout: count(options, 'queueTimeout', DEFAULT_QUEUE_TIMEOUT, 0, LONGEST_TIMER),
    batchEvents: count(options, 'batchEvents', DEFAULT_BATCH_EVENTS, 1),
    batchBytes: count(options, 'batchBytes', DEFAULT_BATCH_BYTES, MAX_ENTRY_BYTES),
    signerTimeout: count(options, 'signerTimeout', DEFAULT_SIGNER_TIMEOUT, 1, LONGEST_TIMER),
    allowUnsigned: options.allowUnsigned ?? false,
    onFailure,
    spoolEvents: count(options, 'spoolEvents', DEFAULT_SPOOL_EVENTS, 1),
    heartbeat: count(options, 'heartbeat', 0, 0, LONGEST_TIMER),
    clock: clock ?? systemClock,
  };
}

function checkPlace(options: AuditLogOptions): void {
  const { directory, store, origin, signer } = options;
  if (directory !== undefined && store !== undefined) {
    throw invalid('store', 'contradicts directory: give one of them, the place the entries live');
  }
  if (directory === undefined && store === undefined) {
    throw invalid('directory', 'is missing: give the directory the entries live in, or a store');
  }
  if (directory !== undefined && (typeof directory !== 'string' || directory === '')) {
    throw invalid('directory', 'must be a non-empty path');
  }
  if (origin !== undefined && (typeof origin !== 'string' || !isOrigin(origin))) {
    throw invalid(
      'origin',
      `${JSON.stringify(origin)} cannot name a log; use a schema-less URL such as shop.example/audit`,
    );
  }
  if (store === undefined) return;
  if (origin === undefined)
    throw invalid('origin', 'is missing: a log over a store of your own needs its name');
  if (signer === undefined)
    throw invalid('signer', 'is missing: a log over a store of your own needs what signs it');
  for (const name of FILE_ONLY) {
    if (options[name] !== undefined)
      throw invalid(name, 'is for a log in a directory; leave it out with a store');
  }
}

function checkFailure({ onFailure, store, spoolDirectory }: AuditLogOptions): FailureRules {
  let rules: FailureRules;
  try {
    rules = compileFailureRules(onFailure);
  } catch (cause) {
    throw new AuditError('OPTIONS_INVALID', `${(cause as Error).message}.`, { cause });
  }
  if (rules.has('spool') && store !== undefined && spoolDirectory === undefined) {
    throw invalid(
      'spoolDirectory',
      'is missing: onFailure says spool, and a log over a store of its own has none',
    );
  }
  return rules;
}

function checkKey(options: AuditLogOptions): void {
  const { signer, keyFile, keyType, origin } = options;
  if (keyType !== undefined && keyType !== 'ed25519' && keyType !== 'ecdsa-p256') {
    throw invalid('keyType', `must be ed25519 or ecdsa-p256, got ${JSON.stringify(keyType)}`);
  }
  if (signer === undefined) return;
  if (keyFile !== undefined)
    throw invalid('keyFile', 'contradicts signer: give one of them, what signs the log');
  if (keyType !== undefined) throw invalid('keyType', 'contradicts signer, which has a key of its own');
  if (typeof signer?.sign !== 'function' || typeof signer.key?.vkey !== 'string') {
    throw invalid('signer', 'must have sign(text) and key, its verifier key');
  }
  if (origin !== undefined && signer.key.name !== origin) {
    throw invalid(
      'signer',
      `bears the name ${JSON.stringify(signer.key.name)}; the log's key bears its origin, ${JSON.stringify(origin)}`,
    );
  }
}

type NumberOption = {
  [K in keyof AuditLogOptions]-?: AuditLogOptions[K] extends number | undefined ? K : never;
}[keyof AuditLogOptions];

function count(
  options: AuditLogOptions,
  name: NumberOption,
  fallback: number,
  least: number,
  most: number = Number.MAX_SAFE_INTEGER,
): number {
  const value = options[name] ?? fallback;
  if (!Number.isSafeInteger(value) || value < least || value > most) {
    throw invalid(name, `must be a whole number from ${least} to ${most}, got ${String(value)}`);
  }
  return value;
}

/** Its owner writes, a group may read, others get nothing. */
function mode(
  options: AuditLogOptions,
  name: 'fileMode' | 'directoryMode',
  own: number,
  group: number,
): void {
  const value = options[name];
  if (value === undefined || value === own || value === group) return;
  throw invalid(name, `must be 0o${own.toString(8)}, or 0o${group.toString(8)} for a group to read`);
}

function invalid(option: string, what: string): AuditError {
  return new AuditError('OPTIONS_INVALID', `${option} ${what}.`);
}
