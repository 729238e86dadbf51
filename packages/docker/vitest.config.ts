import { mergeConfig } from 'vitest/config';
import { shared } from '../../config/vitest.ts';

/** One engine serves every test file of the package: test/support/engine.ts. */
export default mergeConfig(shared, { test: { globalSetup: ['test/support/global-engine.ts'] } });
