import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { ensureBuild } from './build.mjs';
import { ensureDependencies } from './dependencies.mjs';
import { POSTGRES_SLICE, postgresEnvironment, whyNoPostgres } from './postgres-tests.mjs';
import { log, run, tool } from './project.mjs';
import { eslint, failedChecks, prettier } from './tools.mjs';

/**
 * Everything that CI runs. Goes on after a failed step as far as it can, so that one run shows all faults, and ends
 * with `N passed, N failed`: tests, and one failed for each other step that failed.
 */
export async function testEverything() {
  const totals = { passed: 0, failed: 0 };
  const add = ({ passed, failed }) => {
    totals.passed += passed;
    totals.failed += failed;
  };
  if (await succeeds('install', ensureDependencies)) {
    add({ passed: 0, failed: (await failedChecks([eslint(), prettier(['--check'])])).length });
    const built = await succeeds('build', ensureBuild);
    add(await runVitest('vitest.config.ts', []));
    add(built ? await runVitest('vitest.integration.config.ts', []) : { passed: 0, failed: 1 });
    if (built) add(await postgresSlice());
  } else {
    totals.failed += 1;
  }
  process.stdout.write(`${totals.passed} passed, ${totals.failed} failed\n`);
  process.exitCode = totals.failed === 0 ? 0 : 1;
}

/** A slice of what `npm run test:postgres` runs, where a cluster can be had at once: nothing is built for it. */
async function postgresSlice() {
  const reason = await whyNoPostgres({ mayBuild: false });
  if (reason === undefined) return runVitest('vitest.integration.config.ts', POSTGRES_SLICE, postgresEnvironment);
  log(`skipped the tests on PostgreSQL: ${reason} (npm run test:postgres runs all of them)`);
  return { passed: 0, failed: 0 };
}

/** Runs vitest and counts. A run that ended badly without a failed test (a file that does not load), or without any test, counts as one failed. */
export async function runVitest(config, args, env = {}) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gangway-vitest-'));
  const report = path.join(folder, 'report.json');
  try {
    const [command, entry] = tool('vitest', 'vitest.mjs');
    const reporting = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const options = ['run', '--config', config, '--allowOnly=false', ...reporting, ...args];
    const exitCode = await run(command, [entry, ...options], { env: { ...process.env, ...env } });
    return countTests(exitCode, fs.existsSync(report) ? JSON.parse(fs.readFileSync(report, 'utf8')) : null);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * What vitest is given to run `folders` with the caller's own arguments. It runs all that any of its filters fits, so files that the
 * caller names take the place of the folders.
 */
export function testArguments(folders, args) {
  const namesFiles = args.some((arg) => !arg.startsWith('-') && /[/\\]|\.spec/.test(arg));
  return namesFiles ? args : [...folders, ...args];
}

/** The counts of vitest's JSON report; `report` is null when vitest did not get as far as writing one. */
export function countTests(exitCode, report) {
  const passed = report?.numPassedTests ?? 0;
  const failed = report?.numFailedTests ?? 0;
  const bad = exitCode !== 0 || passed === 0;
  return { passed, failed: failed === 0 && bad ? 1 : failed };
}

async function succeeds(label, step) {
  try {
    await step();
    return true;
  } catch (error) {
    log(`${label}: FAILED: ${error.message}`);
    return false;
  }
}
