// The effects of what the policy says about limits: on an engine whose containers use what the test wants.
import type { Policy } from '@audit/policy';
import type { Effects } from '../../../../packages/policy/test/support/effect.ts';
import { MEMORY_LIMIT, PIDS_LIMIT, type ScriptedContainer, type Usage } from '../support/scripted-engine.ts';
import { ID, onScriptedEngine, orQuiet, web } from './scripted.ts';

const LIMITS = 'integrations.docker.limits';
/** What makes the tests quick. */
const QUICK = {
  [`${LIMITS}.sampleInterval`]: '100ms',
  [`${LIMITS}.samplesPerSecond`]: '100',
  [`${LIMITS}.sustained`]: '0ms',
};
const PAUSES = { ...QUICK, [`${LIMITS}.action`]: 'pause' };

const STATS = /GET \/containers\/\w+\/stats/;
const PAUSE = /POST \/containers\/\w+\/pause/;
/** Samples after which a limit that is crossed has been seen to be. */
const ENOUGH = 5;

/** All that has a limit is used up, or nearly: 95 % of memory, half of the periods throttled, 99 processes. */
const busy = (sample: number): Usage => ({
  ...{ memory: MEMORY_LIMIT * 0.95, pids: PIDS_LIMIT - 1, periods: sample * 100, throttled: sample * 40 },
  ...{ disk: sample * 10_000_000, network: sample * 10_000_000 },
});

/** What ran out, in the order in which it did, after enough samples. */
function opened(
  policy: Policy,
  container: Partial<ScriptedContainer> = { usage: busy },
): Promise<readonly unknown[]> {
  return onScriptedEngine(
    policy,
    async ({ engine, entries }) => {
      await engine.wasAsked(STATS, ENOUGH);
      return entries
        .filter(({ type, data }) => type === 'resource.violation' && data?.phase === 'opened')
        .map(({ data }) => data?.resource);
    },
    (engine) => engine.add(web(container)),
  );
}

const alsoOpens = (resource: string) => async (policy: Policy) => (await opened(policy)).includes(resource);

/** Whether the container is paused, after enough samples. */
function paused(policy: Policy): Promise<boolean> {
  return onScriptedEngine(
    policy,
    async ({ engine }) => {
      await engine.wasAsked(STATS, ENOUGH);
      return engine.asked(PAUSE) > 0;
    },
    (engine) => engine.add(web({ usage: busy })),
  );
}

/** Whether a violation of memory comes to this phase, while `usage` lasts. */
function comesTo(policy: Policy, phase: string, usage: (sample: number) => Usage): Promise<boolean> {
  return onScriptedEngine(
    policy,
    async ({ engine, entries }) => {
      await engine.wasAsked(STATS, 2 * ENOUGH);
      return entries.some(({ type, data }) => type === 'resource.violation' && data?.phase === phase);
    },
    (engine) => engine.add(web({ usage })),
  );
}

export const limitEffects: Effects = {
  [`${LIMITS}.memory`]: { value: '96%', beside: QUICK, observe: alsoOpens('memory'), expected: false },
  [`${LIMITS}.cpu`]: { value: '30%', beside: QUICK, observe: alsoOpens('cpu'), expected: true },
  [`${LIMITS}.pids`]: { value: '99', beside: QUICK, observe: alsoOpens('pids'), expected: true },
  [`${LIMITS}.disk`]: { value: '1m/s', beside: QUICK, observe: alsoOpens('disk'), expected: true },
  [`${LIMITS}.network`]: { value: '1m/s', beside: QUICK, observe: alsoOpens('network'), expected: true },
  [`${LIMITS}.time`]: { value: '1h', beside: QUICK, observe: alsoOpens('time'), expected: true },
  [`${LIMITS}.restarts`]: {
    value: '1/10m',
    observe: (policy) =>
      onScriptedEngine(
        policy,
        async ({ engine, watcher, entry }) => {
          await watcher.engines[0]!.watch.ready();
          engine.sayOf(ID, 'die', { exitCode: '1' });
          engine.sayOf(ID, 'start');
          return orQuiet(entry(({ data }) => data?.resource === 'restarts').then(() => 'a restart loop'));
        },
        (engine) => engine.add(web()),
      ),
    expected: 'a restart loop',
  },
  [`${LIMITS}.action`]: { value: 'pause', beside: QUICK, observe: paused, expected: true },
  [`${LIMITS}.protect`]: { value: '[we*]', beside: PAUSES, observe: paused, expected: false },
  [`${LIMITS}.labels`]: {
    value: 'false',
    beside: QUICK,
    observe: async (policy) =>
      (await opened(policy, { usage: busy, labels: { 'audit.limits.memory': 'off' } })).includes('memory'),
    expected: true,
  },
  [`${LIMITS}.sustained`]: {
    value: '0ms',
    beside: { [`${LIMITS}.sampleInterval`]: '100ms', [`${LIMITS}.samplesPerSecond`]: '100' },
    observe: alsoOpens('memory'),
    expected: true,
  },
  [`${LIMITS}.release`]: {
    value: '100%',
    beside: QUICK,
    observe: (policy) =>
      comesTo(policy, 'closed', (sample) => ({ memory: MEMORY_LIMIT * (sample < ENOUGH ? 0.95 : 0.85) })),
    expected: true,
  },
  [`${LIMITS}.updateInterval`]: {
    value: '1ms',
    beside: QUICK,
    observe: (policy) => comesTo(policy, 'updated', busy),
    expected: true,
  },
  [`${LIMITS}.sampleInterval`]: {
    value: '100ms',
    observe: (policy) => sampled(policy, 1, 4),
    expected: 'sampled',
  },
  [`${LIMITS}.samplesPerSecond`]: {
    value: '0.1',
    beside: { [`${LIMITS}.sampleInterval`]: '100ms' },
    observe: (policy) => sampled(policy, 3, 4),
    expected: 'quiet',
  },
  [`${LIMITS}.samplesInFlight`]: {
    value: '1',
    beside: QUICK,
    observe: (policy) =>
      onScriptedEngine(
        policy,
        async ({ engine }) => {
          await engine.wasAsked(STATS);
          return orQuiet(engine.wasAsked(STATS, 3).then(() => 'three at a time'));
        },
        (engine) => {
          addSeveral(engine, 3);
          // Never answered.
          engine.intercept = (request) => (STATS.test(request) ? () => {} : undefined);
        },
      ),
    expected: 'quiet',
  },
  [`${LIMITS}.stopTimeout`]: {
    value: '3s',
    beside: { ...QUICK, [`${LIMITS}.action`]: 'stop' },
    observe: (policy) =>
      onScriptedEngine(
        policy,
        async ({ engine }) => {
          await engine.wasAsked(/POST \/containers\/\w+\/stop/);
          return engine.requests.find((request) => request.includes('/stop'))?.replace(/.*\?/, '');
        },
        (engine) => engine.add(web({ usage: busy })),
      ),
    expected: 't=3',
  },
  [`${LIMITS}.actionTimeout`]: {
    value: '100ms',
    beside: { ...PAUSES, [`${LIMITS}.stopTimeout`]: '0s' },
    observe: (policy) =>
      onScriptedEngine(
        policy,
        ({ entry }) => orQuiet(entry(({ data }) => data?.result === 'failed').then(() => 'given up')),
        (engine) => {
          engine.add(web({ usage: busy }));
          // Answered when nobody waits any more.
          engine.intercept = (request) =>
            PAUSE.test(request)
              ? (_request, response) => setTimeout(() => response.writeHead(204).end(), 6_000)
              : undefined;
        },
      ),
    expected: 'given up',
  },
};

function addSeveral(engine: { add(container: ScriptedContainer): void }, count: number): void {
  for (let i = 0; i < count; i++) engine.add(web({ id: String(i).repeat(64), name: `web${i}`, usage: busy }));
}

/** Whether several containers give so many samples in a while. */
function sampled(policy: Policy, containers: number, samples: number): Promise<string> {
  return onScriptedEngine(
    policy,
    async ({ engine }) => {
      await engine.wasAsked(STATS);
      return orQuiet(engine.wasAsked(STATS, samples).then(() => 'sampled'));
    },
    (engine) => addSeveral(engine, containers),
  );
}
