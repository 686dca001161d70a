// `node docker/prune.mjs <folder>`: takes out of a built project what no program of it needs to run: tests and what they are made of,
// compilers, and the SDK's native parts for other machines.
import fs from 'node:fs';
import path from 'node:path';

const [root] = process.argv.slice(2);
if (root === undefined) throw new Error('usage: node docker/prune.mjs <folder>');

/** Compiled beside the programs, and loaded by tests alone. */
const TEST_FILE = /\.(?:spec|fixture)\.(?:js|js\.map|d\.ts)$/;
/** Bundling workflows and compiling are done: `dist/workflow-bundle.js` is what workers load. */
const COMPILERS = ['@swc', 'swc-loader', 'typescript', 'esbuild'];
const NATIVE = 'node_modules/@temporalio/core-bridge/releases';

remove('dist/test');
for (const file of filesBelow('dist')) if (TEST_FILE.test(file)) remove(path.relative(root, file));
for (const name of COMPILERS) remove(path.join('node_modules', name));
for (const target of fs.existsSync(path.join(root, NATIVE)) ? fs.readdirSync(path.join(root, NATIVE)) : []) {
  if (!runsHere(target)) remove(path.join(NATIVE, target));
}

/** Targets are named as Rust does: x86_64-unknown-linux-gnu. */
function runsHere(target) {
  const processor = { x64: 'x86_64', arm64: 'aarch64' }[process.arch] ?? process.arch;
  return (
    target.startsWith(`${processor}-`) && target.includes(process.platform === 'win32' ? 'windows' : process.platform)
  );
}

function filesBelow(folder) {
  const entries = fs.readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
}

function remove(relative) {
  fs.rmSync(path.join(root, relative), { recursive: true, force: true });
}
