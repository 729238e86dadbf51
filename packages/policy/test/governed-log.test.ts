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
    expect(governed.status()).toMatchObject({
      policy: { file },
      log: { status: 'ok' },
      services: { alerting: { rules: {} }, monitoring: { url: null } },
    });
    await Promise.all([governed.close(), governed.close()]);
    expect(governed.status().log.status).toBe('closed');
    const { verdict, size } = await verifyDirectory(join(folder, 'log'));
    expect({ verdict, size }).toEqual({ verdict: 'intact', size: 3 });
  });

  test('watches the disk of a spool that no event has needed yet', async () => {
    const policy = parsePolicy(`${text()}events: {data.*: {onFailure: spool}}\n`);
    const governed = await openGovernedLog(policy, { log });
    expect(governed.status().services.monitoring).toMatchObject({ ready: true });
    await governed.close();
    const { verdict, size } = await verifyDirectory(join(folder, 'log'));
    expect({ verdict, size }).toEqual({ verdict: 'intact', size: 2 });
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

  test('starts what the policy asks for, and stops it before it closes the log', async () => {
    const more = `
alerting: {rules: {denied: {match: {type: [auth.attempt], outcome: [denied]}, channels: [journal]}}, channels: {journal: {log: {to: stderr}}}}
monitoring: {port: 0}
integrity: {verifyInterval: 1h}
`;
    const governed = await openGovernedLog(parsePolicy(text() + more), { log, listen: true });
    const status = governed.status().services as {
      readonly monitoring: { readonly url: string };
      readonly maintenance: readonly { readonly name: string }[];
    };
    expect(status.maintenance.map(({ name }) => name)).toContain('verify');
    const answer = await fetch(`${status.monitoring.url}/metrics`);
    expect(await answer.text()).toContain('audit_maintenance_runs_total');
    await governed.log.record({ ...EVENT, type: 'auth.attempt', outcome: 'denied' });
    const raised = async () => {
      const found: unknown[] = [];
      for await (const { data } of governed.log.entries({ type: 'alert.raised' })) found.push(data?.rule);
      return found;
    };
    await expect.poll(raised, { timeout: 20_000 }).toEqual(['denied']);
    await governed.close();
    await expect(fetch(status.monitoring.url)).rejects.toThrow();
    const last: string[] = [];
    expect((await verifyDirectory(join(folder, 'log'))).verdict).toBe('intact');
    const again = await openGovernedLog(parsePolicy(text()), { log });
    for await (const { type } of again.log.entries()) last.push(type);
    await again.close();
    expect(last.filter((type) => type === 'log.close')).toHaveLength(1);
  });

  test('does not pretend to alert from a log that keeps nothing', async () => {
    const policy = parsePolicy(
      `log: {origin: ${ORIGIN}}\nstorage: {store: memory}\nalerting: {channels: {a: {log: {to: stderr}}}}\n`,
    );
    await expect(openGovernedLog(policy)).rejects.toThrow('alerting keeps alerts beside the log');
  });

  test('leaves nothing behind where the policy cannot be used', async () => {
    const file = join(folder, 'audit.yaml');
    writeFileSync(file, 'lgo: {}\n');
    await expect(openGovernedLog(file)).rejects.toMatchObject({ code: 'POLICY_INVALID' });
  });
});
