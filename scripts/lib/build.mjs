import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { performance } from 'node:perf_hooks';

import { bundleWorkflows } from './bundle-workflows.mjs';
import { lockFile } from './dependencies.mjs';
import { withLock } from './lock.mjs';
import { CommandFailed, log, projectRoot, run, tool } from './project.mjs';

const sourceFolders = ['apps', 'workflows', 'activities', 'libs', 'test'];
/** Folders whose other files (pages, styles, JSON) are read at run time, from beside the compiled code. */
const assetFolders = ['apps', 'workflows', 'activities', 'libs'];
const settings = ['tsconfig.json', 'package.json', 'package-lock.json'];
const distFolder = path.join(projectRoot, 'dist');
const stampFile = path.join(distFolder, '.build-stamp');

/**
 * Brings `dist` up to date with the sources: compiles, copies assets, drops what has no source any more, bundles the
 * workflows. Does nothing when no source changed since the last good build. Two at once: the second waits.
 */
export async function ensureBuild() {
  // The stamp is away while somebody builds, so a good one needs no lock.
  if (isBuilt()) return;
  await withLock(lockFile('build'), { onWait: ({ pid }) => log(`waiting for another build (process ${pid})`) }, build);
}

/** Returns true when `dist` is up to date with the sources. */
export function isBuilt() {
  return readStamp() === stampOf(sourceFiles());
}

async function build() {
  const files = sourceFiles();
  const stamp = stampOf(files);
  if (readStamp() === stamp) return;
  const started = performance.now();
  log('building');
  fs.rmSync(stampFile, { force: true });
  dropOrphans(new Set(files));
  const [command, ...args] = tool('typescript', 'bin/tsc');
  const exitCode = await run(command, [...args, '-p', 'tsconfig.json'], { stdio: ['ignore', 2, 2] });
  if (exitCode !== 0) throw new CommandFailed('tsc', exitCode);
  copyAssets(files);
  await bundleWorkflows();
  fs.writeFileSync(stampFile, stamp);
  log(`built in ${((performance.now() - started) / 1000).toFixed(1)} s`);
}

function sourceFiles() {
  return sourceFolders.flatMap((folder) => filesBelow(folder));
}

function stampOf(files) {
  return fingerprint([...settings, ...files]);
}

function filesBelow(folder) {
  const absolute = path.join(projectRoot, folder);
  if (!fs.existsSync(absolute)) return [];
  return fs
    .readdirSync(absolute, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(projectRoot, path.join(entry.parentPath, entry.name)))
    .sort();
}

function fingerprint(files) {
  const hash = createHash('sha256').update(process.version);
  for (const file of files) {
    const stat = fs.statSync(path.join(projectRoot, file));
    hash.update(`\0${file}\0${stat.size}\0${stat.mtimeMs}`);
  }
  return hash.digest('hex');
}

function readStamp() {
  return fs.existsSync(stampFile) && fs.existsSync(path.join(distFolder, 'workflow-bundle.js'))
    ? fs.readFileSync(stampFile, 'utf8')
    : null;
}

/** Compiled files whose source was renamed or removed would still be found by imports and by the bundler. */
function dropOrphans(sources) {
  for (const file of sourceFolders.flatMap((folder) => filesBelow(path.join('dist', folder)))) {
    const source = path.relative('dist', file);
    const compiledFrom = source.replace(/\.js(\.map)?$/, '.ts');
    if (!sources.has(source) && !sources.has(compiledFrom)) fs.rmSync(path.join(projectRoot, file));
  }
}

function copyAssets(files) {
  for (const file of files) {
    const [folder] = file.split(path.sep);
    if (!assetFolders.includes(folder) || /\.(ts|md)$/.test(file)) continue;
    const target = path.join(distFolder, file);
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.copyFileSync(path.join(projectRoot, file), target);
  }
}
