// What every package's tests share.
import { defineConfig } from 'vitest/config';

/** Set by `npm test`, which sums up the reports. */
const writesReport = process.env.AUDIT_TEST_REPORT === '1';

/** The `@audit/source` condition runs the tests on TypeScript sources, without a build. */
export const shared = defineConfig({
  resolve: { conditions: ['@audit/source', 'node', 'import', 'default'] },
  ssr: { resolve: { conditions: ['@audit/source', 'node', 'import', 'default'] } },
  test: {
    include: ['test/**/*.test.ts'],
    reporters: writesReport ? ['default', ['json', { outputFile: '.reports/vitest.json' }]] : ['default'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
