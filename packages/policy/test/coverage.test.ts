// Whatever core can be told, a policy can say, but for what only code can give.
import type { AuditLogOptions, PrivacyOptions } from '@audit/core';
import { parsePolicy } from '@audit/policy';
import { expect, test } from 'vitest';

/** Objects and functions; and `share`, which has one value. */
type ByCode = 'store' | 'signer' | 'clock' | 'share' | 'onKeyCreated';

// The compiler refuses a name that is missing here, and one that is no option.
const logNames: Readonly<Record<Exclude<keyof AuditLogOptions, ByCode>, true>> = {
  directory: true,
  origin: true,
  onFailure: true,
  spoolDirectory: true,
  spoolEvents: true,
  service: true,
  instance: true,
  fileMode: true,
  directoryMode: true,
  stateDirectory: true,
  keyFile: true,
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
  heartbeat: true,
};

/** `defaults: false` is for measurements only. */
const privacyNames: Readonly<Record<Exclude<keyof PrivacyOptions, 'defaults'>, true>> = {
  enabled: true,
  keys: true,
  allowKeys: true,
  patterns: true,
  allowPatterns: true,
  pointers: true,
  way: true,
  hmacKey: true,
};

test('every option of openAuditLog and of privacy has a key', () => {
  const hmacKeyFile = new URL('fixtures/hmac-a.key', import.meta.url).pathname;
  const everything = {
    log: { origin: 'shop.example/audit', service: 'shop', instance: 'a-1' },
    storage: {
      directory: 'd',
      stateDirectory: 's',
      directoryMode: '0750',
      fileMode: '0640',
      spoolDirectory: 'w',
      spoolEvents: 1,
    },
    events: { 'data.*': { onFailure: 'spool' } },
    rotation: { size: '1MiB', age: '1h' },
    integrity: { heartbeat: '1h' },
    signing: { algorithm: 'ed25519', keyFile: 'k.pem', timeout: '1s', allowUnsigned: false },
    performance: {
      ...{ batchEvents: 1, batchBytes: '1MiB', queueEvents: 1, queueBytes: '1MiB' },
      ...{ queueTimeout: '1s', lockTimeout: '1s' },
    },
    privacy: {
      ...{ enabled: true, way: 'hmac', hmacKeyFile, keys: ['a'], allowKeys: ['b'], patterns: { c: 'c' } },
      ...{ allowPatterns: ['jwt'], pointers: ['/data/d'] },
    },
  };
  const { log } = parsePolicy(JSON.stringify(everything));
  expect(Object.keys(log).sort()).toEqual(Object.keys(logNames).sort());
  expect(Object.keys(log.privacy ?? {}).sort()).toEqual(Object.keys(privacyNames).sort());
});
