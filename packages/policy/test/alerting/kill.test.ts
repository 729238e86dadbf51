// What a SIGKILL leaves: every acknowledged event that fires a rule becomes an alert, whenever the process dies.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openAuditLog } from '@audit/core';
import type { AlertingPolicy } from '@audit/policy';
import { afterEach, expect, test } from 'vitest';
import { entriesOf, hookTo, inFolder, ORIGIN, type Receiver, receive, until } from './harness.ts';

const KILLS = 20;
const SHOP = fileURLToPath(new URL('fixtures/shop.mjs', import.meta.url));

interface Shop {
  readonly child: ChildProcess;
  /** Whether alerting has started. */
  ready: boolean;
  /** Ids of the events that were acknowledged. */
  readonly acknowledged: string[];
  readonly stderr: string[];
}

const shops: Shop[] = [];
afterEach(() => {
  for (const { child } of shops.splice(0)) child.kill('SIGKILL');
});

function open(folder: string, policy: AlertingPolicy, events: number): Shop {
  const args = [SHOP, join(folder, 'log'), JSON.stringify(policy), String(events)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const shop: Shop = { child, ready: false, acknowledged: [], stderr: [] };
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    for (const line of lines) {
      if (line === 'ready') shop.ready = true;
      else shop.acknowledged.push(line);
    }
  });
  shops.push(shop);
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => shop.stderr.push(chunk));
  return shop;
}

async function end(shop: Shop, signal: NodeJS.Signals): Promise<void> {
  const ended = once(shop.child, 'close');
  shop.child.kill(signal);
  await ended;
}

/** Makes it answer well, badly, late, or break off. Returns the ids of the events it took the alert of at once. */
function moody(receiver: Receiver): { readonly taken: ReadonlySet<string>; mood: 'mixed' | 'bad' | 'good' } {
  const taken = new Set<string>();
  const state = { taken, mood: 'mixed' as 'mixed' | 'bad' | 'good' };
  receiver.answer = (response) => {
    const chance = state.mood === 'mixed' ? Math.random() : 1;
    if (state.mood === 'bad' || chance < 0.1) response.writeHead(500).end();
    else if (chance < 0.15) response.socket?.resetAndDestroy();
    else if (chance < 0.2) setTimeout(() => response.writeHead(204).end(), 60);
    else {
      taken.add(receiver.alerts.at(-1)!.entry!.id);
      response.writeHead(204).end();
    }
  };
  return state;
}

const rules = { denied: { match: { outcome: ['denied' as const] }, repeat: 0 } };
const rate = { alerts: 1_000_000, within: 1_000 };

test(`no alert is lost over ${KILLS} kills at any time`, { timeout: 300_000 }, () =>
  inFolder(async (folder) => {
    const receiver = await receive();
    const receiving = moody(receiver);
    const channels = hookTo(receiver, { rate, retryMax: 10, timeout: 40 });
    const policy = { rules, channels, rate };
    const acknowledged: string[] = [];
    let untimely = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      receiving.mood = kill % 3 === 1 ? 'bad' : 'mixed';
      const shop = open(folder, policy, 1_000_000);
      if (kill % 5 === 0) {
        // While it starts: before the log is open, while it looks at what came before, ….
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 400));
      } else {
        const enough = Math.random() * 80;
        await until(() => shop.ready && shop.acknowledged.length > enough);
      }
      await end(shop, 'SIGKILL');
      acknowledged.push(...shop.acknowledged);
      if (acknowledged.some((id) => !receiving.taken.has(id))) untimely++;
    }
    // Some died with alerts that nobody had taken.
    expect(untimely).toBeGreaterThan(0);
    receiving.mood = 'good';
    const last = open(folder, policy, 0);
    await until(() => acknowledged.every((id) => receiving.taken.has(id)));
    await end(last, 'SIGTERM');
    expect(last.stderr.join('')).toBe('');

    // Of one event, one alert, however often it came.
    const ids = new Map(receiver.alerts.map(({ id, entry }) => [id, entry!.id]));
    expect(ids.size).toBe(new Set(ids.values()).size);
    const log = await openAuditLog({ directory: join(folder, 'log'), origin: ORIGIN });
    const failed = await entriesOf(log, 'alert.failed');
    expect(failed.filter(({ operation }) => operation === 'miss')).toEqual([]);
    const raised = await entriesOf(log, 'alert.raised');
    expect(raised.map(({ data }) => data!.alert).sort()).toEqual([...ids.keys()].sort());
    expect((await log.verify()).verdict).toBe('intact');
    await log.close();
    await receiver.close();
    console.log(
      `${KILLS} kills, ${untimely} with alerts not taken, ${acknowledged.length} events acknowledged, ${ids.size} alerts, ${receiver.alerts.length} deliveries`,
    );
  }),
);

test('that events may be missing after a kill is told', () =>
  inFolder(async (folder) => {
    const receiver = await receive();
    const policy = { rules: { lost: { condition: 'lost' as const } }, channels: hookTo(receiver) };
    const killed = open(folder, policy, 10);
    await until(() => killed.acknowledged.length === 10);
    await end(killed, 'SIGKILL');
    const next = open(folder, policy, 0);
    await until(() => receiver.alerts.length === 1);
    await end(next, 'SIGTERM');
    expect(receiver.alerts).toMatchObject([{ rule: 'lost', facts: { possiblyLost: 65_536 } }]);
    const log = await openAuditLog({ directory: join(folder, 'log'), origin: ORIGIN });
    expect((await log.verify()).verdict).toBe('intact');
    await log.close();
    await receiver.close();
  }));

test('a policy that says nothing writes nothing', () =>
  inFolder(async (folder) => {
    const shop = open(folder, { rules: {}, channels: {} }, 10);
    await until(() => shop.acknowledged.length === 10);
    await end(shop, 'SIGTERM');
    expect(existsSync(join(folder, 'log.private/alerts'))).toBe(false);
    const log = await openAuditLog({ directory: join(folder, 'log'), origin: ORIGIN });
    expect(await entriesOf(log, 'alert.*')).toEqual([]);
    expect((await log.verify()).verdict).toBe('intact');
    await log.close();
  }));

test('the log channel writes lines of JSON to standard error', () =>
  inFolder(async (folder) => {
    const shop = open(folder, { rules, channels: { err: { log: { to: 'stderr' } } } }, 3);
    await until(() => shop.stderr.join('').split('\n').length === 4);
    await end(shop, 'SIGTERM');
    const lines = shop.stderr.join('').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).entry.id).sort()).toEqual([...shop.acknowledged].sort());
    const log = await openAuditLog({ directory: join(folder, 'log'), origin: ORIGIN });
    expect((await log.verify()).verdict).toBe('intact');
    await log.close();
  }));
