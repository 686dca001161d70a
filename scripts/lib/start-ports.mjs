import fs from 'node:fs';
import path from 'node:path';

import { isProcessRunning } from './lock.mjs';
import { isPortFree, listenerOf } from './ports.mjs';
import { CommandFailed } from './project.mjs';

/** As a process ends whose settings are wrong. */
const CONFIG_EXIT_CODE = 78;

/**
 * The ports that `npm start` listens on: the variable that sets each, its default, and the variable with which it is not needed. The
 * same as in `libs/config/listening.ts`, which is not built yet when this is asked.
 */
export const startPorts = [
  { variable: 'GANGWAY_PORT', defaultPort: 3000 },
  { variable: 'GANGWAY_TEMPORAL_PORT', defaultPort: 7233, unless: 'TEMPORAL_ADDRESS' },
  {
    variable: 'GANGWAY_TEMPORAL_UI_PORT',
    after: 'GANGWAY_TEMPORAL_PORT',
    defaultPort: 8233,
    unless: 'TEMPORAL_ADDRESS',
  },
  { variable: 'GANGWAY_SANDBOX_PORT', defaultPort: 7070, unless: 'GANGWAY_CONNECTIONS' },
];

/**
 * Looks for taken ports before minutes are spent on an installation and a build. Whatever is not plain (a port that is no number, a
 * former start that still has them) is left to the start itself, which looks again.
 * @throws {CommandFailed} after a line for each port that is taken.
 */
export async function refuseTakenPorts(environment = process.env) {
  if (hasFormerSystem(environment)) return;
  const taken = [];
  for (const { variable, port } of neededPorts(environment)) {
    if (port >= 1 && port <= 65_535 && !(await isPortFree(port))) taken.push({ variable, port });
  }
  for (const { variable, port } of taken) process.stderr.write(`${variable}: ${takenText(port, listenerOf(port))}\n`);
  if (taken.length > 0) throw new CommandFailed('start', CONFIG_EXIT_CODE);
}

/** The ports with these settings; `port` is NaN for one that is no number. */
export function neededPorts(environment) {
  const set = (name) => environment[name] !== undefined && environment[name] !== '';
  return startPorts
    .filter(({ unless }) => unless === undefined || !set(unless))
    .map(({ variable, defaultPort, after }) => {
      const otherwise = after !== undefined && set(after) ? Number(environment[after]) + 1000 : defaultPort;
      return { variable, port: set(variable) ? Number(environment[variable]) : otherwise };
    });
}

/** What is said of a taken port, as `portTaken` in `libs/config/listening.ts` says it. */
export function takenText(port, holder) {
  const by = holder === null ? '' : ` by process ${holder.pid} (${holder.name})`;
  return `port ${port} is taken${by}: ${holder === null ? 'stop what listens there' : 'stop it'}, or set another one`;
}

/** Whether processes of an earlier start run, as the data dir names them: they are ended, or named, by the start itself. */
function hasFormerSystem(environment) {
  const dataDir = path.resolve(environment.GANGWAY_DATA_DIR || '.gangway');
  const recorded = [
    ...(read(path.join(dataDir, 'system.json'))?.parts ?? []).map((part) => part.process),
    read(path.join(dataDir, 'temporal-server.json'))?.server,
    read(path.join(dataDir, 'gangway.lock')),
  ];
  return recorded.some((identity) => identity?.pid > 0 && isProcessRunning(identity));
}

function read(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT' || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
