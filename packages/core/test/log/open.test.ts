import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { AuditError } from '../../src/errors.ts';
import { SOFTWARE } from '../../src/log/life.ts';
import { openAuditLog } from '../../src/log/open.ts';
import type { AuditLogOptions } from '../../src/log/options.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import type { StoreOpening } from '../../src/store/store.ts';
import { testSigner } from '../../src/testing/test-signer.ts';
import { checkLog, event, FaultyStore, ORIGIN, openLog, types } from './harness.ts';

test('a log closed and opened again goes on where it was', async () => {
  const store = createMemoryStore();
  for (let run = 0; run < 3; run++) {
    const log = await openLog({ store: store.reopen() });
    await log.record(event(run));
    await log.close();
  }
  const entries = await checkLog(store);
  expect(types(entries)).toEqual([
    ...['log.create', 'data.update', 'log.close'],
    ...['log.open', 'data.update', 'log.close'],
    ...['log.open', 'data.update', 'log.close'],
  ]);
  expect(entries[3]!.data).toEqual({ software: SOFTWARE, size: 3 });
});

test('the log says at each opening who writes it', async () => {
  const store = createMemoryStore();
  for (const instance of ['a-1', 'a-2']) {
    await (await openLog({ store: store.reopen(), service: 'shop', instance })).close();
  }
  const entries = await checkLog(store);
  expect(types(entries)).toEqual(['log.create', 'log.close', 'log.open', 'log.close']);
  expect(entries[0]!.data).toMatchObject({ service: 'shop', instance: 'a-1' });
  expect(entries[2]!.data).toEqual({ software: SOFTWARE, size: 2, service: 'shop', instance: 'a-2' });
});

test.each([
  ['service', ''],
  ['instance', 'x'.repeat(257)],
  ['fileMode', 0o644],
  ['fileMode', 640],
  ['directoryMode', 0o770],
])('%s of %j is refused', async (name, value) => {
  const options = { directory: 'never-made', origin: ORIGIN, [name]: value };
  await expect(openAuditLog(options)).rejects.toMatchObject({
    code: 'OPTIONS_INVALID',
    message: expect.stringMatching(`^${name} must be `),
  });
});

test('a log that did not end in log.close says how many queued events may be missing', async () => {
  const store = createMemoryStore();
  const killed = await openLog({ store });
  await killed.record(event(1));
  const log = await openLog({ store: store.reopen(), queueEvents: 1_234 });
  await log.close();
  const entries = await checkLog(store);
  expect(types(entries)).toEqual(['log.create', 'data.update', 'log.recover', 'log.open', 'log.close']);
  expect(entries[2]).toMatchObject({ level: 'security', data: { possiblyLost: 1_234 } });
});

test('what opening the store found is recorded, and the store told once it is', async () => {
  const memory = createMemoryStore();
  const first = await openLog({ store: memory });
  await first.close();
  const store = new FaultyStore(memory.reopen());
  let told = 0;
  const opened: StoreOpening = {
    closedCleanly: true,
    recovered: { slotTorn: true, quarantined: ['2-abc'] },
    recoveryRecorded: async () => {
      const { size } = await store.head();
      expect(size).toBe(4);
      told++;
    },
  };
  const warnings = () => ['the high-water file cannot be written: mend its folder'];
  const log = await openLog({ store: Object.assign(store, { opened, warnings }) });
  expect(told).toBe(1);
  expect(log.health()).toMatchObject({ status: 'degraded', reasons: warnings() });
  await log.close();
  const entries = await checkLog(store);
  expect(entries[2]).toMatchObject({ type: 'log.recover', data: { slotTorn: true, quarantined: ['2-abc'] } });
  expect(entries[2]!.data).not.toHaveProperty('possiblyLost');
  expect(entries[3]).toMatchObject({ type: 'log.open', data: { warnings: warnings() } });
});

test('a store of one log is not gone on with under the name of another', async () => {
  const store = createMemoryStore();
  await (await openLog({ store })).close();
  const origin = 'other.example/audit';
  await expect(openLog({ store: store.reopen(), origin, signer: testSigner(origin) })).rejects.toMatchObject({
    code: 'OPTIONS_INVALID',
    message: expect.stringContaining(ORIGIN),
  });
});

const store = createMemoryStore();
const signer = testSigner(ORIGIN);
const good = { store, origin: ORIGIN, signer } as const;
const wrong: [string, unknown][] = [
  ['options', undefined],
  ['directory', { origin: ORIGIN }],
  ['directory', { directory: '', origin: ORIGIN }],
  ['store', { ...good, directory: 'x' }],
  ['origin', { store, signer }],
  ['origin', { ...good, origin: 'with space' }],
  ['origin', { ...good, origin: 'a+b' }],
  ['origin', { directory: 'x', origin: '' }],
  ['signer', { store, origin: ORIGIN }],
  ['signer', { ...good, origin: 'other.example/audit' }],
  ['signer', { ...good, signer: {} }],
  ['keyFile', { directory: 'x', signer, keyFile: 'k' }],
  ['keyFile', { directory: 'x', keyFile: '' }],
  ['keyType', { directory: 'x', signer, keyType: 'ed25519' }],
  ['keyType', { directory: 'x', keyType: 'rsa' }],
  ['segmentBytes', { ...good, segmentBytes: 1 }],
  ['stateDirectory', { ...good, stateDirectory: 'x' }],
  ['queueEvents', { ...good, queueEvents: 0 }],
  ['queueBytes', { ...good, queueBytes: 100 }],
  ['queueTimeout', { ...good, queueTimeout: -1 }],
  ['batchEvents', { ...good, batchEvents: 1.5 }],
  ['batchBytes', { ...good, batchBytes: '4MB' }],
  ['signerTimeout', { ...good, signerTimeout: Number.POSITIVE_INFINITY }],
  ['heartbeat', { ...good, heartbeat: Number.NaN }],
  ['allowUnsigned', { ...good, allowUnsigned: 'yes' }],
  ['share', { ...good, share: true }],
  ['clock', { ...good, clock: {} }],
  ['onKeyCreated', { directory: 'x', onKeyCreated: 'print' }],
  ['queueEvent', { ...good, queueEvent: 5 }],
];

test.each(wrong)('a wrong %s is refused by name before anything is touched (%#)', async (name, options) => {
  const error = await openAuditLog(options as AuditLogOptions).catch((reason: AuditError) => reason);
  expect(error).toMatchObject({ code: 'OPTIONS_INVALID' });
  expect((error as AuditError).message).toMatch(new RegExp(`^${name}\\b`));
  expect((await store.head()).size).toBe(0);
});

test('the software a log names is this package', () => {
  const { name, version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  expect(SOFTWARE).toBe(`${name} ${version}`);
});
