import { defineConfig, mergeConfig } from 'vitest/config';
import { shared } from '../config/vitest.ts';

export default mergeConfig(shared, defineConfig({ test: { include: ['**/*.test.ts'] } }));
