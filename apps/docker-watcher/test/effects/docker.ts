// The effects of what the policy says about Docker, but for limits.
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Policy } from '@audit/policy';
import type { Effects } from '../../../../packages/policy/test/support/effect.ts';
import { Refusal } from '../../src/refusal.ts';
import { ScriptedEngine } from '../support/scripted-engine.ts';
import { certificate, mutualTls, serverTls } from '../support/tls.ts';
import { ID, onScriptedEngine, orQuiet, serving, web } from './scripted.ts';

const ENGINE = 'integrations.docker.engines.*';
const socket = join(tmpdir(), `audit-effects-${process.pid}.sock`);
/** Ports nobody else is given: below those the kernel hands out. One each, since connections are kept for reuse. */
const ports = ((first) => ({ ca: first, cert: first + 1, key: first + 2 }))(
  20_000 + (process.pid % 3_000) * 3,
);
const hostAt = (port: number) => `"https://127.0.0.1:${port}"`;

/** Where the engine of the policy was reached, or why not. */
async function reached(policy: Policy, listen: () => Promise<ScriptedEngine>): Promise<string> {
  const engine = await listen();
  try {
    return await serving(policy, engine, async ({ watcher }) => {
      await watcher.engines[0]!.watch.ready();
      return engine.requests.length > 0 ? 'reached' : 'another engine was reached';
    });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return 'refused';
  } finally {
    await engine.close();
    rmSync(socket, { force: true });
  }
}

const overTls = (port: number, tls: typeof mutualTls) => (policy: Policy) =>
  reached(policy, () => ScriptedEngine.listen(port, tls));

export const dockerEffects: Effects = {
  [`${ENGINE}.host`]: {
    value: `"unix://${socket}"`,
    instead: '"unix:///nowhere/docker.sock"',
    observe: (policy) => reached(policy, () => ScriptedEngine.listen(socket)),
    expected: 'reached',
  },
  [`${ENGINE}.ca`]: {
    value: certificate('ca'),
    beside: { [`${ENGINE}.host`]: hostAt(ports.ca) },
    observe: overTls(ports.ca, serverTls),
    expected: 'reached',
  },
  [`${ENGINE}.cert`]: {
    value: certificate('cert'),
    beside: {
      [`${ENGINE}.host`]: hostAt(ports.cert),
      [`${ENGINE}.ca`]: certificate('ca'),
      [`${ENGINE}.key`]: certificate('key'),
    },
    instead: certificate('other'),
    observe: overTls(ports.cert, mutualTls),
    expected: 'reached',
  },
  [`${ENGINE}.key`]: {
    value: certificate('key'),
    beside: {
      [`${ENGINE}.host`]: hostAt(ports.key),
      [`${ENGINE}.ca`]: certificate('ca'),
      [`${ENGINE}.cert`]: certificate('cert'),
    },
    instead: certificate('other-key'),
    observe: overTls(ports.key, mutualTls),
    expected: 'reached',
  },
  'integrations.docker.events': {
    value: '[image]',
    observe: (policy) =>
      onScriptedEngine(
        policy,
        async ({ engine, watcher, entries, entry }) => {
          await watcher.engines[0]!.watch.ready();
          engine.sayOf(ID, 'pause');
          engine.say('image', 'tag', 'sha256:1', { name: 'shop:1' });
          await entry(({ type }) => type === 'image.tag');
          return entries.filter(({ type }) => type === 'container.pause').length;
        },
        (engine) => engine.add(web()),
      ),
    expected: 0,
  },
  'integrations.docker.healthProbes': {
    value: 'true',
    observe: (policy) =>
      onScriptedEngine(
        policy,
        async ({ engine, watcher, entries, entry }) => {
          await watcher.engines[0]!.watch.ready();
          engine.sayOf(ID, 'exec_create: probe', { execID: 'e1' });
          engine.sayOf(ID, 'exec_start: probe', { execID: 'e1' });
          engine.sayOf(ID, 'exec_die', { execID: 'e1', exitCode: '0' });
          engine.sayOf(ID, 'pause');
          await entry(({ type }) => type === 'container.pause');
          return entries.some(({ type }) => type === 'container.exec');
        },
        (engine) => engine.add(web({ healthcheck: 'probe' })),
      ),
    expected: true,
  },
  'integrations.docker.environmentValues': {
    value: 'true',
    observe: (policy) =>
      onScriptedEngine(
        policy,
        async ({ entry }) => (await entry(({ type }) => type === 'container.create')).data?.environment,
        (engine) => engine.add(web({ env: ['COLOR=blue'] })),
      ),
    expected: ['COLOR=blue'],
  },
  'integrations.docker.queueMessages': {
    value: '1',
    observe: (policy) =>
      onScriptedEngine(
        policy,
        async ({ engine, watcher }) => {
          const { watch } = watcher.engines[0]!;
          await watch.ready();
          for (let i = 0; i < 200; i++) engine.sayOf(ID, i % 2 === 0 ? 'pause' : 'unpause');
          while (watch.stats().received < 200 || watch.stats().queued > 0)
            await orQuiet(new Promise(() => {}), 20);
          return watch.stats().dropped > 0;
        },
        (engine) => engine.add(web()),
      ),
    expected: true,
  },
  'integrations.docker.retryMin': {
    value: '20s',
    observe: async (policy) => (await retries(policy, 1)) > 1_000,
    expected: true,
  },
  'integrations.docker.retryMax': {
    value: '2ms',
    beside: { 'integrations.docker.retryMin': '1ms' },
    observe: async (policy) => (await retries(policy, 9)) <= 2,
    expected: true,
  },
  'integrations.docker.answerTimeout': {
    value: '100ms',
    observe: (policy) =>
      onScriptedEngine(policy, async ({ engine, watcher }) => {
        await watcher.engines[0]!.watch.ready();
        // Never answered.
        engine.intercept = (request) => (request.startsWith('GET /info') ? () => {} : undefined);
        engine.breakStreams();
        return orQuiet(
          engine.wasAsked(/GET \/info/, 3).then(() => watcher.engines[0]!.whyNotWatched !== null),
        );
      }),
    expected: true,
  },
  'integrations.docker.probeInterval': {
    value: '50ms',
    observe: (policy) => askedAgain(policy, /GET \/events\?.*until=/),
    expected: 'asked again and again',
  },
  'integrations.docker.reconcileInterval': {
    value: '50ms',
    observe: (policy) => askedAgain(policy, /GET \/containers\/json/),
    expected: 'asked again and again',
  },
  'integrations.docker.settle': {
    value: '1h',
    beside: { 'integrations.docker.reconcileInterval': '100ms' },
    observe: (policy) =>
      onScriptedEngine(policy, async ({ engine, watcher, entry }) => {
        await watcher.engines[0]!.watch.ready();
        engine.add(web({ startedAt: new Date().toISOString() }));
        const recorded = entry(({ type }) => type === 'container.create').then(() => 'recorded');
        return orQuiet(recorded, 10_000);
      }),
    expected: 'quiet',
  },
};

/** The wait before attempt `nth` to open a stream that always breaks. */
function retries(policy: Policy, nth: number): Promise<number> {
  return onScriptedEngine(policy, async ({ engine, watcher }) => {
    // What is not open yet cannot break.
    await watcher.engines[0]!.watch.ready();
    engine.intercept = (request) =>
      request.startsWith('GET /info') ? (_request, response) => response.destroy() : undefined;
    engine.breakStreams();
    let seen = 0;
    return new Promise((resolve) => {
      watcher.engines[0]!.watch.on('disconnected', ({ retryInMs }) => {
        if (++seen === nth) resolve(retryInMs);
      });
    });
  });
}

function askedAgain(policy: Policy, pattern: RegExp): Promise<string> {
  return onScriptedEngine(policy, async ({ engine, watcher }) => {
    await watcher.engines[0]!.watch.ready();
    const before = engine.asked(pattern);
    return orQuiet(engine.wasAsked(pattern, before + 5).then(() => 'asked again and again'));
  });
}
