// A policy that changes while its log is open: what is safe is taken over, all of it is recorded, and a lock holds.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Entry, verifyDirectory } from '@audit/core';
import { type GovernedLog, openGovernedLog, parsePolicy, type ReloadOutcome } from '@audit/policy';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EVENT, ORIGIN } from './effects/logs.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'audit-reload-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const file = () => join(folder, 'audit.yaml');
const log = { onKeyCreated: () => {} };

/** The policy of the test, and what comes to it. */
function write(text: string): void {
  const place = `log: {origin: ${ORIGIN}}\nstorage: {directory: ${join(folder, 'log')}}\n`;
  writeFileSync(file(), place + text);
}

async function govern<T>(
  text: string,
  use: (governed: GovernedLog) => Promise<T>,
  env: Record<string, string> = {},
): Promise<T> {
  write(text);
  const governed = await openGovernedLog(file(), { log, env });
  try {
    return await use(governed);
  } finally {
    await governed.close();
    expect((await verifyDirectory(join(folder, 'log'))).verdict).toBe('intact');
  }
}

/** `system.config_change`: the setting, what it was and is, and how it went. */
async function changesIn(governed: GovernedLog): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const { outcome, data } of governed.log.entries({ type: 'system.config_change' })) {
    const { setting, before, after, weakening, takesEffect } = data as Record<string, unknown>;
    found.push([setting, before, after, outcome, takesEffect, weakening]);
  }
  return found;
}

const keysOf = ({ status, applied, waiting, refused }: ReloadOutcome) => ({
  status,
  applied: applied.map(({ key }) => key),
  waiting: waiting.map(({ key }) => key),
  refused: refused.map(({ key }) => key),
});

describe('reload()', () => {
  test('takes over what the file says of events, and records it before', async () => {
    await govern('', async (governed) => {
      await governed.log.record(EVENT);
      write('events: {data.update: {enabled: false}}\nlevel: minimal\n');
      expect(keysOf(await governed.reload())).toEqual({
        status: 'applied',
        applied: ['level', 'events.data.update.enabled'],
        waiting: ['integrations.http.detail', 'integrations.express.detail', 'integrations.nest.detail'],
        refused: [],
      });
      await expect(governed.log.record(EVENT)).rejects.toMatchObject({ code: 'DROPPED' });
      expect(governed.policy.events.least).toBe('warning');
      const changes = await changesIn(governed);
      expect(changes.slice(0, 2)).toEqual([
        ['level', 'basic', 'minimal', 'success', 'now', true],
        ['events.data.update.enabled', null, false, 'success', 'now', true],
      ]);
      expect(changes).toHaveLength(5);
    });
  });

  test('says what waits for a restart, once', async () => {
    await govern('', async (governed) => {
      write('performance: {queueEvents: 7}\nintegrations: {http: {level: minimal}}\n');
      for (let i = 0; i < 2; i++) {
        expect(keysOf(await governed.reload())).toEqual({
          status: 'applied',
          applied: [],
          waiting: [
            'performance.queueEvents',
            'integrations.http.level',
            'integrations.express.detail',
            'integrations.nest.detail',
          ],
          refused: [],
        });
      }
      expect(governed.status().policy.waiting).toContain('performance.queueEvents');
      expect(governed.policy.log.queueEvents).toBeUndefined();
      expect(await changesIn(governed)).toEqual([
        ['performance.queueEvents', 65_536, 7, 'success', 'restart', true],
        ['integrations.http.level', null, 'minimal', 'success', 'restart', true],
        expect.arrayContaining(['integrations.express.detail']),
        expect.arrayContaining(['integrations.nest.detail']),
      ]);
      write('');
      expect(keysOf(await governed.reload()).status).toBe('unchanged');
      expect(governed.status().policy.waiting).toEqual([]);
    });
  });

  test('changes nothing where the file says the same in other words', async () => {
    await govern('rotation: {age: 1h}\n', async (governed) => {
      write(
        '# written out\nrotation: {age: 60m, size: 256MiB}\nlevel: basic\nlevels: {basic: {least: debug}}\n',
      );
      expect(keysOf(await governed.reload()).status).toBe('unchanged');
      expect(await changesIn(governed)).toEqual([]);
    });
  });

  test('changes nothing where the file is no policy, and says so once, without its values', async () => {
    await govern('events: {data.update: {level: warning}}\n', async (governed) => {
      write('events: {data.update: {level: hunter2}}\nlgo: {}\n');
      const outcome = await governed.reload();
      await governed.reload();
      expect(outcome.status).toBe('invalid');
      expect(outcome.error?.problems).toHaveLength(2);
      expect(governed.policy.events.events).toEqual({ 'data.update': { level: 'warning' } });
      const told: Entry[] = [];
      for await (const entry of governed.log.entries({ type: 'system.config_change' })) told.push(entry);
      expect(told).toHaveLength(1);
      expect(told[0]).toMatchObject({
        outcome: 'failure',
        level: 'security',
        error: { code: 'POLICY_INVALID' },
        data: {
          setting: 'policy',
          problemCount: 2,
          problems: [{ name: 'events.data.update.level' }, { name: 'lgo' }],
        },
      });
      expect(JSON.stringify(told)).not.toContain('hunter2');
      rmSync(file());
      expect((await governed.reload()).error?.code).toBe('POLICY_UNREADABLE');
    });
  });

  test('shows what comes from the environment by its name', async () => {
    const env = { LEVEL: 'warning' };
    await govern(
      '',
      async (governed) => {
        write(`events: {data.update: {level: "\${LEVEL}"}}\n`);
        await governed.reload();
        expect(await changesIn(governed)).toEqual([
          ['events.data.update.level', null, `\${LEVEL}`, 'success', 'now', true],
        ]);
        expect(governed.policy.events.events).toEqual({ 'data.update': { level: 'warning' } });
      },
      env,
    );
  });

  test('needs a file', async () => {
    const policy = parsePolicy(`log: {origin: ${ORIGIN}}\nstorage: {store: memory}\n`);
    await using governed = await openGovernedLog(policy);
    await expect(governed.reload()).rejects.toThrow('reload() needs the file of the policy');
    await expect(openGovernedLog(policy, { watch: true })).rejects.toThrow('options.watch needs the file');
    return expect((await governed.log.verify()).verdict).toBe('intact');
  });
});

describe('a locked policy', () => {
  const text = 'locked: true\nevents: {data.*: {sample: 50%}, auth.*: {enabled: true}}\n';

  test('may become stronger, and nothing of it weaker', async () => {
    await govern(text, async (governed) => {
      write('locked: true\nevents: {data.*: {sample: 75%}, auth.*: {enabled: true}}\n');
      expect(keysOf(await governed.reload())).toMatchObject({
        status: 'applied',
        applied: ['events.data.*.sample'],
      });
      write('locked: true\nevents: {data.*: {sample: 90%}, auth.*: {enabled: false}}\n');
      for (let i = 0; i < 2; i++) {
        expect(keysOf(await governed.reload())).toEqual({
          status: 'refused',
          applied: [],
          waiting: [],
          refused: ['events.auth.*.enabled'],
        });
      }
      expect(governed.policy.events.events).toEqual({
        'data.*': { sample: 0.75 },
        'auth.*': { enabled: true },
      });
      expect(await changesIn(governed)).toEqual([
        ['events.data.*.sample', '50%', '75%', 'success', 'now', false],
        ['events.auth.*.enabled', true, false, 'denied', 'never', true],
      ]);
    });
  });

  test('is unlocked by a restart only', async () => {
    await govern(text, async (governed) => {
      write(text.replace('locked: true', 'locked: false'));
      expect(keysOf(await governed.reload())).toMatchObject({ applied: [], waiting: ['locked'] });
      expect(governed.status().policy.locked).toBe(true);
      write('locked: false\nlevel: minimal\n');
      expect(keysOf(await governed.reload()).status).toBe('refused');
    });
    await govern('locked: false\n', async (governed) => {
      expect(governed.status().policy.locked).toBe(false);
      write('locked: true\n');
      expect(keysOf(await governed.reload())).toMatchObject({ applied: ['locked'] });
      write('locked: true\nlevel: minimal\n');
      expect(keysOf(await governed.reload())).toMatchObject({ status: 'refused', refused: ['level'] });
    });
  });
});

describe('watch', () => {
  test('reloads when the file changes, and when what it extends does', async () => {
    const base = join(folder, 'base.yaml');
    writeFileSync(base, 'events: {data.update: {level: warning}}\n');
    write('extends: base.yaml\n');
    const seen: string[] = [];
    const governed = await openGovernedLog(file(), {
      ...{ log, watch: 20 },
      onReload: (outcome) => seen.push(JSON.stringify(keysOf(outcome))),
    });
    writeFileSync(base, 'events: {data.update: {level: error}}\n# and longer\n');
    await expect.poll(() => seen.join('\n'), { timeout: 20_000 }).toContain('"events.data.update.level"');
    write('extends: base.yaml\nlocked: true\n');
    await expect.poll(() => seen.join('\n'), { timeout: 20_000 }).toContain('"locked"');
    await governed.close();
    expect((await verifyDirectory(join(folder, 'log'))).verdict).toBe('intact');
  });
});
