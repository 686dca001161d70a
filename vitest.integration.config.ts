import { fileURLToPath } from 'node:url';

import { defineConfig } from 'vitest/config';

/** What needs a cluster on PostgreSQL, and what is about the embedded server alone. */
const storeOnly =
  process.env['GANGWAY_TEST_STORE'] === 'postgres'
    ? { include: ['test/postgres/**/*.spec.ts'], exclude: ['test/integration/dev-server.spec.ts'] }
    : { include: [], exclude: [] };

const testFolder = fileURLToPath(new URL('./test/', import.meta.url));

/**
 * Tests against a real Temporal server. The code under test is the built one: `#libs` and the others resolve to `dist`,
 * which Node loads untouched, as in production. Only the tests and their helpers run from source.
 */
export default defineConfig({
  resolve: { alias: [{ find: /^#test\/(.*)\.js$/, replacement: `${testFolder}$1.ts` }] },
  test: {
    include: ['test/{contract,integration,faults,replay,e2e}/**/*.spec.ts', ...storeOnly.include],
    exclude: storeOnly.exclude,
    globalSetup: ['test/global-setup.ts'],
    environment: 'node',
    fileParallelism: false,
    server: { deps: { external: [/\/dist\//] } },
    testTimeout: 60_000,
    hookTimeout: 120_000,
    teardownTimeout: 60_000,
  },
});
