import { mergeConfig } from 'vitest/config';
import { shared } from '../../../config/vitest.ts';

/** What is measured, apart from what is tested. */
const config = mergeConfig(shared, { test: {} });
config.test.include = ['bench/**/*.test.ts'];
export default config;
