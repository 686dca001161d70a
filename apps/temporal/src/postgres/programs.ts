import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

import { ProgramMissing } from '../program-missing.js';

const runFile = promisify(execFile);
const versionTimeoutMs = 10_000;
/** Temporal's oldest (`postgres12_pgx`). */
const oldestMajor = 12;

/** Where systems keep the server's programs, which are seldom on the PATH; `*` stands for one folder of any name. */
const usualFolders = [
  '/usr/lib/postgresql/*/bin', // Debian, Ubuntu
  '/usr/pgsql-*/bin', // Red Hat
  '/usr/libexec/postgresql*', // Alpine
  '/opt/homebrew/opt/postgresql*/bin',
  '/usr/local/opt/postgresql*/bin',
  '/usr/local/pgsql/bin',
];

/** PostgreSQL as it is installed. */
export interface PostgresPrograms {
  /** The folder that holds `initdb`, `postgres`, `pg_dump` and the others. */
  readonly folder: string;
  /** 15 of version 15.18. */
  readonly major: number;
}

/**
 * Returns all PostgreSQL servers of this machine that Temporal can use, the newest first: those on the PATH, and those where systems
 * put them.
 */
export async function installedPostgres(
  searchPath: readonly string[],
  folders: readonly string[] = usualFolders,
): Promise<PostgresPrograms[]> {
  const candidates = new Set([...searchPath, ...folders.flatMap(existing)]);
  const found = await Promise.all([...candidates].map(versionIn));
  return found
    .filter((each) => each !== undefined)
    .filter(({ major }) => major >= oldestMajor)
    .sort((a, b) => b.major - a.major);
}

/** The newest PostgreSQL of this machine. @throws {ProgramMissing} */
export async function newestPostgres(
  searchPath: readonly string[],
  folders?: readonly string[],
): Promise<PostgresPrograms> {
  const [newest] = await installedPostgres(searchPath, folders);
  if (newest !== undefined) return newest;
  throw new ProgramMissing(
    `PostgreSQL is missing: install version ${oldestMajor} or newer (the package "postgresql"), or put its initdb on the PATH`,
  );
}

/** The folders that fit a pattern with `*` in at most one segment. */
function existing(pattern: string): string[] {
  const segments = pattern.split('/');
  const at = segments.findIndex((segment) => segment.includes('*'));
  if (at < 0) return [pattern];
  const parent = segments.slice(0, at).join('/');
  const [before = '', after = ''] = (segments[at] ?? '').split('*');
  if (!fs.existsSync(parent)) return [];
  return fs
    .readdirSync(parent)
    .filter((name) => name.startsWith(before) && name.endsWith(after))
    .map((name) => path.join(parent, name, ...segments.slice(at + 1)));
}

async function versionIn(folder: string): Promise<PostgresPrograms | undefined> {
  const needed = ['initdb', 'postgres', 'pg_dump'].map((name) => path.join(folder, name));
  if (!needed.every((file) => fs.existsSync(file))) return undefined;
  try {
    const { stdout } = await runFile(path.join(folder, 'postgres'), ['--version'], { timeout: versionTimeoutMs });
    const major = /PostgreSQL\) (\d+)/.exec(stdout)?.[1];
    return major === undefined ? undefined : { folder, major: Number(major) };
  } catch {
    return undefined; // it does not run here: another may
  }
}
