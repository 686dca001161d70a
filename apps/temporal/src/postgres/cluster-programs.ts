import type { TemporalServerConfig } from '#libs/config/temporal-server.js';

import { ensureTemporalCli } from '../ensure-cli.js';
import { ensureServerPrograms, type ServerPrograms } from '../ensure-server.js';
import { ProgramMissing } from '../program-missing.js';
import { newestPostgres, type PostgresPrograms } from './programs.js';

/** All that a cluster is made of. */
export interface ClusterPrograms extends ServerPrograms {
  readonly postgres: PostgresPrograms;
  /** The Temporal CLI. */
  readonly cli: string;
}

type Config = Pick<TemporalServerConfig, 'cliPath' | 'searchPath' | 'cacheDir' | 'environment'>;

export interface ClusterProgramsOptions {
  readonly log: (line: string) => void;
  /** False: a server that is not built yet is missing. Default true. */
  readonly mayBuild?: boolean;
  /** Default: the newest of this machine. */
  readonly postgres?: PostgresPrograms;
}

/** Finds PostgreSQL, and builds the server where it is not there yet. @throws {ProgramMissing} for what this machine lacks. */
export async function ensureClusterPrograms(config: Config, options: ClusterProgramsOptions): Promise<ClusterPrograms> {
  // What can be missing for good is looked for before minutes are spent.
  const postgres = options.postgres ?? (await newestPostgres(config.searchPath));
  const programs = await ensureServerPrograms(config, options);
  return { postgres, ...programs, cli: await ensureTemporalCli(config, options) };
}

/** Why no cluster can be had here, as one line; undefined where one can. */
export async function whyNoCluster(config: Config, options: ClusterProgramsOptions): Promise<string | undefined> {
  try {
    await ensureClusterPrograms(config, options);
    return undefined;
  } catch (error) {
    if (error instanceof ProgramMissing) return error.message;
    throw error;
  }
}
