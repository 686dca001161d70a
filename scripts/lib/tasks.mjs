import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { ensureBuild, isBuilt } from './build.mjs';
import { check } from './check.mjs';
import { areDependenciesInstalled, ensureDependencies } from './dependencies.mjs';
import { CommandFailed, projectRoot, run } from './project.mjs';
import { refuseTakenPorts } from './start-ports.mjs';
import { EXIT_UNAVAILABLE, postgresEnvironment, storeOption, whyNoPostgres } from './postgres-tests.mjs';
import { runVitest, testArguments, testEverything } from './test-runs.mjs';
import { eslint, prettier } from './tools.mjs';

const integrationFolders = ['test/contract/', 'test/integration/', 'test/replay/'];

/** What `npm run <name>` does; each starts from whatever state the checkout is in. */
export const tasks = {
  build: () => prepare(),
  start: async (args) => {
    if (!isPrepared()) await refuseTakenPorts();
    await prepareAndLoad('apps/cli/src/start/main.js', args);
  },
  demo: (args) => prepareAndLoad('apps/cli/src/demo/main.js', args),
  bench: (args) => prepareAndLoad('test/bench/main.js', args),
  gangway: (args) => prepareAndLoad('apps/cli/src/main.js', args),
  openapi: (args) => prepareAndLoad('apps/api/src/openapi/generate.js', args),
  'test:planted': (args) => prepareAndLoad('test/faults/planted/main.js', args),
  'record:histories': (args) => prepareAndLoad('test/replay/record.js', args),
  'start:temporal': (args) => prepareAndLoad('apps/temporal/src/main.js', args),
  'start:postgres': (args) => prepareAndLoad('apps/temporal/src/postgres/main.js', args),
  'start:api': (args) => prepareAndLoad('apps/api/src/main.js', args),
  'start:worker': (args) => prepareAndLoad('apps/worker/src/main.js', args),
  'start:sandbox': (args) => prepareAndLoad('apps/sandbox/src/main.js', args),
  check,
  lint: (args) => installed(eslint(args)),
  format: (args) => installed(prettier(['--write', ...args])),
  test: testEverything,
  'test:unit': (args) => tests('vitest.config.ts', args),
  'test:integration': (args) => integration(integrationFolders, args),
  'test:postgres': (args) => onPostgres([...integrationFolders, 'test/faults/', 'test/postgres/'], args, {}),
  'test:faults': (args) => {
    const { store, rest } = storeOption(args);
    const run = store === 'postgres' ? onPostgres : integration;
    return run(['test/faults/'], rest, { GANGWAY_FAULTS: 'all' });
  },
  'test:e2e': (args) => integration(['test/e2e/'], args),
};

async function prepare() {
  await ensureDependencies();
  await ensureBuild();
}

function isPrepared() {
  return areDependenciesInstalled() && isBuilt();
}

/** Runs a built program in this process, so that signals and the exit code are its own. */
async function prepareAndLoad(program, args) {
  await prepare();
  const entry = path.join(projectRoot, 'dist', program);
  if (!fs.existsSync(entry)) throw new CommandFailed(`dist/${program} is missing: the build`, 1);
  process.argv = [process.argv[0], entry, ...args];
  await import(pathToFileURL(entry).href);
}

async function installed([label, command, args]) {
  await ensureDependencies();
  const exitCode = await run(command, args);
  if (exitCode !== 0) throw new CommandFailed(label, exitCode);
}

async function tests(config, args, env = {}) {
  await ensureDependencies();
  const { passed, failed } = await runVitest(config, args, env);
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  if (failed > 0) throw new CommandFailed('the tests', 1);
}

/** On a cluster of the run's own. Where none can be had, a line says why, and nothing counts as passed. */
async function onPostgres(folders, args, env) {
  await prepare();
  const reason = await whyNoPostgres({ mayBuild: true });
  if (reason !== undefined) {
    process.stdout.write('0 passed, 0 failed\n');
    throw new CommandFailed(`skipped, no cluster on PostgreSQL can be had: ${reason}; the tests`, EXIT_UNAVAILABLE);
  }
  await tests('vitest.integration.config.ts', testArguments(folders, args), { ...env, ...postgresEnvironment });
}

async function integration(folders, args, env) {
  await prepare();
  await tests('vitest.integration.config.ts', testArguments(folders, args), env);
}
