/**
 * `npm run lock`: brings package-lock.json up to date with package.json. npm is asked for complete entries, since
 * without addresses it leaves checksums out too; then the addresses are taken out, so that the lock holds for any registry.
 */
import { npm } from './lib/dependencies.mjs';
import { lockFaults, stripResolved } from './lib/lock-file.mjs';
import { CommandFailed, log, run } from './lib/project.mjs';

const [command, ...npmArgs] = npm();

async function runNpm(...args) {
  const exitCode = await run(command, [...npmArgs, ...args]);
  if (exitCode !== 0) throw new CommandFailed(`npm ${args[0]}`, exitCode);
}

await runNpm('install', '--package-lock-only', '--omit-lockfile-registry-resolved=false');
stripResolved();
const faults = lockFaults();
for (const fault of faults) log(fault);
if (faults.length > 0) throw new Error('package-lock.json is not complete');
await runNpm('ci', '--dry-run');
