import { mergeConfig } from 'vitest/config';
import { shared } from '../../config/vitest.ts';

export default mergeConfig(shared, { test: { globalSetup: 'test/build.ts' } });
