import { fileURLToPath } from 'node:url';
import { defineConfig, mergeConfig } from 'vitest/config';
import { shared } from '../../config/vitest.ts';

const nest11 = fileURLToPath(new URL('test/nest-11/node_modules/', import.meta.url));

/** Every test runs over both majors: the second time, whoever imports NestJS gets that of test/nest-11. */
export default mergeConfig(
  shared,
  defineConfig({
    test: {
      projects: [
        { extends: true, test: { name: 'NestJS 12' } },
        {
          extends: true,
          test: { name: 'NestJS 11', env: { AUDIT_TEST_NEST: '11' } },
          resolve: { alias: [{ find: /^(@nestjs\/.*)$/, replacement: `${nest11}$1` }] },
        },
      ],
    },
  }),
);
