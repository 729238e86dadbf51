import { defineConfig } from 'vitest/config';

/** What every package's tests share. The `@audit/source` condition runs them on TypeScript sources, without a build. */
export const shared = defineConfig({
  resolve: { conditions: ['@audit/source', 'node', 'import', 'default'] },
  ssr: { resolve: { conditions: ['@audit/source', 'node', 'import', 'default'] } },
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
