import fs from 'node:fs';
import path from 'node:path';

import { lockFaults } from './lock-file.mjs';
import { capture, log, projectRoot, tool } from './project.mjs';

const caches = path.join('node_modules', '.cache', 'gangway');

/** Each returns `[label, command, args]`. ESLint warns about nothing: a warning is a fault. */
export function eslint(args = []) {
  const [command, entry] = tool('eslint', 'bin/eslint.js');
  return [
    'lint',
    command,
    [entry, '.', '--max-warnings', '0', ...cacheOptions('eslint'), '--cache-strategy', 'content', ...args],
  ];
}

export function prettier(args) {
  const [command, entry] = tool('prettier', 'bin/prettier.cjs');
  return ['format', command, [entry, '.', '--log-level', 'warn', ...cacheOptions('prettier'), ...args]];
}

export function types() {
  const [command, entry] = tool('typescript', 'bin/tsc');
  const buildInfo = path.join(caches, 'types.tsbuildinfo');
  return ['types', command, [entry, '-p', 'tsconfig.json', '--noEmit', '--tsBuildInfoFile', buildInfo]];
}

/** Looks at the lock file, runs the tools side by side, prints what each has to say when it ends, and returns the labels of those that failed. */
export async function failedChecks(commands) {
  const failed = [];
  const faults = lockFaults();
  for (const fault of faults) log(`lock file: ${fault}`);
  if (faults.length > 0) failed.push('lock file');
  await Promise.all(
    commands.map(async ([label, command, args]) => {
      const { exitCode, output } = await capture(command, args);
      log(`${label}: ${exitCode === 0 ? 'good' : 'FAILED'}`);
      process.stderr.write(output);
      if (exitCode !== 0) failed.push(label);
    }),
  );
  return failed;
}

function cacheOptions(name) {
  fs.mkdirSync(path.join(projectRoot, caches), { recursive: true });
  return ['--cache', '--cache-location', path.join(caches, name)];
}
