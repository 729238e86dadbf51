import { mergeConfig } from 'vitest/config';
import { shared } from '../../config/vitest.ts';
import { SkippedAloud } from '../../packages/docker/test/support/skipped-aloud.ts';

/** The engine of @audit/docker's tests serves here, too. */
export default mergeConfig(shared, {
  test: {
    globalSetup: ['../../packages/docker/test/support/global-engine.ts'],
    hookTimeout: 120_000,
    reporters: [new SkippedAloud()],
  },
});
