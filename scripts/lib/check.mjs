import { ensureDependencies } from './dependencies.mjs';
import { CommandFailed, log } from './project.mjs';
import { runVitest } from './test-runs.mjs';
import { eslint, failedChecks, prettier, types } from './tools.mjs';

/** The daily check: lock file, format, lint without warnings, types, unit tests. */
export async function check() {
  await ensureDependencies();
  const failed = await failedChecks([eslint(), prettier(['--check']), types()]);
  const unit = await runVitest('vitest.config.ts', []);
  if (unit.failed > 0) failed.push('unit tests');
  if (failed.length > 0) throw new CommandFailed(`check: ${failed.join(', ')}`, 1);
  log(`check passed, ${unit.passed} unit tests`);
}
