// The effects of what the policy says about health and metrics.
import type { Effects } from '../../../../packages/policy/test/support/effect.ts';
import { onScriptedEngine } from './scripted.ts';

/** A port nobody else is given: below those the kernel hands out. */
const PORT = 10_000 + (process.pid % 10_000);

export const monitoringEffects: Effects = {
  'monitoring.address': {
    value: '127.0.0.2',
    beside: { 'monitoring.port': String(PORT) },
    observe: (policy) => onScriptedEngine(policy, async ({ watcher }) => watcher.url),
    expected: `http://127.0.0.2:${PORT}`,
  },
  'monitoring.port': {
    value: String(PORT),
    instead: '0',
    observe: (policy) =>
      onScriptedEngine(policy, async () => {
        const answer = await fetch(`http://127.0.0.1:${PORT}/healthz`).catch(() => null);
        return answer?.status;
      }),
    expected: 200,
  },
};
