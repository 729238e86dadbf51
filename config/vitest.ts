// What every package's tests share.
import { defineConfig } from 'vitest/config';

/** Set by `npm test`, which sums up the reports. */
const writesReport = process.env.AUDIT_TEST_REPORT === '1';

/**
 * The `@audit/source` condition runs the tests on TypeScript sources, without a build. `import` is not in the list:
 * vitest hands it on to Node, whose `require()` of a package with two builds would then get the wrong one.
 */
const conditions = ['@audit/source', 'node'];

export const shared = defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['test/**/*.test.ts'],
    reporters: writesReport ? ['default', ['json', { outputFile: '.reports/vitest.json' }]] : ['default'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
