// A log under a policy: opened as it says, and closed with all that runs beside it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifyDirectory } from '@audit/core';
import { openGovernedLog, parsePolicy } from '@audit/policy';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EVENT, ORIGIN } from './effects/logs.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'audit-governed-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const log = { onKeyCreated: () => {} };
const text = () => `log: {origin: ${ORIGIN}}\nstorage: {directory: ${join(folder, 'log')}}\n`;

describe('openGovernedLog', () => {
  test('opens the log of a file, and closes it', async () => {
    const file = join(folder, 'audit.yaml');
    writeFileSync(file, text());
    const governed = await openGovernedLog(file, { log });
    expect(governed.policy.file).toBe(file);
    await governed.log.record(EVENT);
    expect(governed.status()).toMatchObject({ policy: { file }, log: { status: 'ok' }, services: {} });
    await Promise.all([governed.close(), governed.close()]);
    expect(governed.status().log.status).toBe('closed');
    const { verdict, size } = await verifyDirectory(join(folder, 'log'));
    expect({ verdict, size }).toEqual({ verdict: 'intact', size: 3 });
  });

  test('takes a policy that was read already, and lets code win', async () => {
    const policy = parsePolicy(text());
    const elsewhere = join(folder, 'elsewhere');
    await using governed = await openGovernedLog(policy, { log: { ...log, directory: elsewhere } });
    expect(governed.policy).toBe(policy);
    expect(governed.log.info().location).toBe(elsewhere);
    expect((await governed.log.verify()).verdict).toBe('intact');
    return await governed.log.flush();
  });

  test('leaves nothing behind where the policy cannot be used', async () => {
    const file = join(folder, 'audit.yaml');
    writeFileSync(file, 'lgo: {}\n');
    await expect(openGovernedLog(file)).rejects.toMatchObject({ code: 'POLICY_INVALID' });
  });
});
