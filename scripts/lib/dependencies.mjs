import fs from 'node:fs';
import path from 'node:path';
import { performance } from 'node:perf_hooks';

import { withLock } from './lock.mjs';
import { CommandFailed, log, projectRoot, run } from './project.mjs';

/**
 * Installs what package-lock.json names unless it is installed already. npm's own record of what it installed is the
 * stamp, so an `npm ci` by hand counts too. Two at once: the second waits, then finds everything there.
 */
export async function ensureDependencies() {
  if (missingPackage() === null) return;
  await withLock(
    lockFile('install'),
    { onWait: ({ pid }) => log(`waiting for another installation (process ${pid})`) },
    install,
  );
}

/** Returns true when everything that package-lock.json names is installed. */
export function areDependenciesInstalled() {
  return missingPackage() === null;
}

/** Lock files of this checkout. They are outside node_modules and dist, which come and go. */
export function lockFile(name) {
  return path.join(projectRoot, '.gangway', 'locks', `${name}.lock`);
}

async function install() {
  const missing = missingPackage();
  if (missing === null) return;
  log(`installing dependencies with npm ci (${missing})`);
  const started = performance.now();
  const seconds = () => `${Math.round((performance.now() - started) / 1000)} s`;
  const ticker = setInterval(() => log(`still installing dependencies, ${seconds()}`), 10_000);
  try {
    const [command, ...args] = npm();
    // A silent caller (`npm --silent test`) hands its level down; what goes wrong here has to be seen.
    const env = { ...process.env, npm_config_loglevel: 'warn' };
    const exitCode = await run(command, [...args, 'ci', '--no-audit', '--no-fund'], { env, stdio: ['ignore', 2, 2] });
    if (exitCode !== 0) throw new CommandFailed('npm ci', exitCode);
  } finally {
    clearInterval(ticker);
  }
  log(`dependencies installed in ${seconds()}`);
}

/** Why an installation is needed: the first package that is absent or of another version; null when all are there. */
function missingPackage() {
  const wanted = readPackages(path.join(projectRoot, 'package-lock.json'));
  const installed = readPackages(path.join(projectRoot, 'node_modules', '.package-lock.json'));
  if (wanted === null) throw new Error('package-lock.json is missing: this is not a complete checkout');
  if (installed === null) return 'node_modules is missing';
  for (const [location, entry] of Object.entries(wanted)) {
    // Optional ones are there or not, by platform.
    if (location === '' || entry.optional === true) continue;
    if (installed[location]?.version !== entry.version) return `${location} ${entry.version} is not installed`;
  }
  return null;
}

function readPackages(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8')).packages;
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}

/** The npm that runs this script, else the one on the PATH. */
export function npm() {
  const entry = process.env.npm_execpath;
  return entry?.endsWith('npm-cli.js') ? [process.execPath, entry] : ['npm'];
}
