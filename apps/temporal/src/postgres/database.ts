import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

import { ConfigError } from '#libs/config/faults.js';

import type { Guard } from './guard.js';
import { giveTo, type Owner } from './owner.js';
import { ClusterPart } from './part.js';
import type { PostgresPrograms } from './programs.js';
import { runProgram, RunFailed } from './run.js';

const host = '127.0.0.1';
/** Two full sets of servers open up to 30 connections a process each. */
const maxConnections = 200;

/** A PostgreSQL of the project's own, on loopback alone, whose files are below one folder. */
export interface PrivateDatabase {
  readonly part: ClusterPart;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** The whole content of a database as SQL. */
  dump(name: string): Promise<Buffer>;
}

export interface DatabaseOptions {
  readonly programs: PostgresPrograms;
  /** Holds everything; belongs to `owner`. */
  readonly folder: string;
  readonly owner: Owner | undefined;
  readonly port: number;
  /** Its superuser, as the image of PostgreSQL makes it. */
  readonly user: string;
  readonly guard: Guard;
  /** False: an end of the machine's power may cost the files that are made; those of a start in which nothing is kept. Default true. */
  readonly lasting?: boolean;
}

/** The version of PostgreSQL that made the files of a folder; undefined where there are none. */
export function majorOfData(folder: string): number | undefined {
  const file = path.join(folder, 'data', 'PG_VERSION');
  return fs.existsSync(file) ? Number(fs.readFileSync(file, 'utf8')) : undefined;
}

/** Makes the files where there are none. What a start that was cut off has left is made anew. Does not start it. */
export async function privateDatabase(options: DatabaseOptions): Promise<PrivateDatabase> {
  const { programs, folder, owner, port, user, guard, lasting = true } = options;
  const data = path.join(folder, 'data');
  const passwordFile = path.join(folder, 'password');
  // PostgreSQL's own variables would name another one.
  const environment = { LC_ALL: 'C', TZ: 'UTC', HOME: folder };
  if (majorOfData(folder) === undefined) {
    const unfinished = `${data}.making`;
    fs.rmSync(unfinished, { recursive: true, force: true });
    fs.writeFileSync(passwordFile, randomBytes(24).toString('hex'), { mode: 0o600 });
    giveTo(owner, passwordFile);
    const account = [`--username=${user}`, `--pwfile=${passwordFile}`, '--auth=scram-sha-256'];
    const text = ['--encoding=UTF8', '--locale=C', ...(lasting ? [] : ['--no-sync'])];
    await runProgram(path.join(programs.folder, 'initdb'), ['-D', unfinished, ...account, ...text], {
      environment,
      folder,
      owner,
    });
    fs.renameSync(unfinished, data);
  }
  const password = readPassword(passwordFile);
  const address = ['-h', host, '-p', String(port), '-U', user];
  const asUser = { environment: { ...environment, PGPASSWORD: password }, folder, owner };
  const settings = {
    listen_addresses: host,
    unix_socket_directories: '',
    max_connections: String(maxConnections),
  };
  const part = new ClusterPart(
    {
      name: 'PostgreSQL',
      program: path.join(programs.folder, 'postgres'),
      args: [
        ...['-D', data, '-p', String(port)],
        ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      ],
      environment,
      logFile: path.join(folder, 'postgres.log'),
      owner,
      stopSignal: 'SIGINT', // ends its sessions, and writes all that it has to
      ready: async () => {
        const query = ['-d', 'postgres', '-X', '-q', '-c', 'select 1'];
        try {
          await runProgram(path.join(programs.folder, 'psql'), [...address, '-w', ...query], asUser);
        } catch (error) {
          if (!(error instanceof RunFailed) || !error.output.includes('password authentication failed')) throw error;
          throw wrongPassword(passwordFile, error);
        }
      },
      explain: explainDatabase,
    },
    guard,
  );
  return {
    part,
    port,
    user,
    password,
    dump: (name) => runProgram(path.join(programs.folder, 'pg_dump'), [...address, '-w', '-d', name], asUser),
  };
}

function readPassword(file: string): string {
  const password = fs.existsSync(file) ? fs.readFileSync(file, 'utf8').trim() : '';
  if (password === '') throw wrongPassword(file);
  return password;
}

function wrongPassword(file: string, cause?: unknown): ConfigError {
  const message = `the database in it refuses the password of ${file}: put the right one there`;
  return new ConfigError([{ name: 'GANGWAY_DATA_DIR', message }], { cause });
}

/** What the last lines of PostgreSQL's log mean for who started it. */
export function explainDatabase(log: string): Error | undefined {
  const fault = (message: string): ConfigError => new ConfigError([{ name: 'GANGWAY_DATA_DIR', message }]);
  const other = /initialized by PostgreSQL version (\d+), which is not compatible with this version (\S+)/.exec(log);
  if (other) return fault(`its database is of PostgreSQL ${other[1] ?? ''}, and ${other[2] ?? ''} is installed`);
  if (/lock file "postmaster.pid" already exists/.test(log))
    return fault('another PostgreSQL uses its database: stop that one');
  if (/data directory .* (has wrong ownership|has invalid permissions)/.test(log)) {
    return fault('its database must belong to who runs PostgreSQL, and be closed to others (mode 0700)');
  }
  return undefined;
}
