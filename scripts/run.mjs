import { CommandFailed, log } from './lib/project.mjs';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  log(`Node ${process.versions.node} is too old: Gangway needs Node 20.19 or newer`);
  process.exit(1);
}

const [name = '', ...args] = process.argv.slice(2);
// Loaded only now: an old Node would stop at their syntax before it could say so.
const { tasks } = await import('./lib/tasks.mjs');
const task = tasks[name];
if (task === undefined) {
  log(`unknown task "${name}"; there are: ${Object.keys(tasks).join(', ')}`);
  process.exit(64);
}

try {
  await task(args);
} catch (error) {
  log(error instanceof CommandFailed ? error.message : (error.stack ?? String(error)));
  process.exitCode = error.exitCode ?? 1;
}
