import { defineConfig } from 'vitest/config';

const conditions = ['gangway-source'];

/** Unit tests run from the sources; everything that needs a server runs from `dist` (see `vitest.integration.config.ts`). */
export default defineConfig({
  resolve: { conditions: [...conditions, 'node', 'import', 'default'] },
  ssr: { resolve: { conditions: [...conditions, 'node', 'import', 'default'] } },
  test: {
    include: ['{apps,libs,workflows,activities,scripts}/**/*.spec.ts', 'test/unit/**/*.spec.ts'],
    environment: 'node',
    maxWorkers: 2,
    // A loaded machine is no fault of the code: these are not tests of speed.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
