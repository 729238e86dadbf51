import { mergeConfig } from 'vitest/config';
import { shared } from '../../config/vitest.ts';
import { SkippedAloud } from './test/support/skipped-aloud.ts';

/** One engine serves every test file of the package: test/support/engine.ts. */
export default mergeConfig(shared, {
  test: {
    globalSetup: ['test/support/global-engine.ts'],
    // Starting an engine, and taking it away with what is left in it.
    hookTimeout: 120_000,
    reporters: [new SkippedAloud()],
  },
});
