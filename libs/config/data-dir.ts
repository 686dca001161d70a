import fs from 'node:fs';

/** What only Gangway puts into a data dir. */
const OURS = /^(?:api-key|encryption-keys\.json|gangway\.lock|temporal(?:-server)?\.\w|sandbox\.state)/;
/** What it puts there too, and others might. */
const LIKELY_OURS = ['keys', 'locks', 'logs', 'postgres'];
const STICKY = 0o1000;
const ANYBODY_ELSE = 0o077;
/** A group may pass through to what it knows the name of: PostgreSQL's user, where its data are below. */
const GROUP_PASSES = 0o010;

/**
 * Makes a data dir where there is none, for its owner alone: keys, logs and databases are in it. One that is there and is Gangway's
 * own (empty, or with its files in it) is closed to others too; any other folder stays as it is, since others may work in it.
 * @throws {Error} with the code of the system when it can be neither made nor looked at
 */
export function openDataDir(dataDir: string): void {
  fs.mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const { mode } = fs.statSync(dataDir);
  if ((mode & ANYBODY_ELSE & ~GROUP_PASSES) === 0 || (mode & STICKY) !== 0) return;
  const names = fs.readdirSync(dataDir);
  const isOurs = names.some((name) => OURS.test(name)) || names.every((name) => LIKELY_OURS.includes(name));
  if (isOurs) fs.chmodSync(dataDir, 0o700);
}

/** From now on, what this process and its children write is for the owner alone, unless a mode is named. */
export function restrictNewFiles(): void {
  process.umask(ANYBODY_ELSE);
}
