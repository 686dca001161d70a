import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { CommandFailed, log, projectRoot } from './project.mjs';

/** `EX_UNAVAILABLE`: what was asked for cannot be had on this machine. */
export const EXIT_UNAVAILABLE = 69;
const EXIT_USAGE = 64;

/** Has tests run on a cluster of their own with PostgreSQL. */
export const postgresEnvironment = { GANGWAY_TEST_STORE: 'postgres' };

/** What `npm test` runs on PostgreSQL: kills of each part. What jobs cost is a test of `npm run test:postgres`. */
export const POSTGRES_SLICE = ['test/postgres/cluster.spec.ts'];

/** Returns why no cluster on PostgreSQL can be had here, as one line; undefined where one can. Needs the build. */
export async function whyNoPostgres({ mayBuild }) {
  const load = (file) => import(pathToFileURL(path.join(projectRoot, 'dist', file)).href);
  const { whyNoCluster } = await load('apps/temporal/src/postgres/cluster-programs.js');
  const { readTemporalServerConfig } = await load('libs/config/temporal-server.js');
  return whyNoCluster(readTemporalServerConfig(), { log, mayBuild });
}

/** Takes `--store sqlite|postgres` out of a command line: `{ store, rest }`; SQLite where it is not there. */
export function storeOption(args) {
  const at = args.findIndex((arg) => arg === '--store' || arg.startsWith('--store='));
  if (at < 0) return { store: 'sqlite', rest: args };
  const joined = args[at].startsWith('--store=');
  const store = joined ? args[at].slice('--store='.length) : args[at + 1];
  if (store !== 'sqlite' && store !== 'postgres') {
    throw new CommandFailed('--store: must be sqlite or postgres; the command', EXIT_USAGE);
  }
  return { store, rest: [...args.slice(0, at), ...args.slice(at + (joined ? 1 : 2))] };
}
