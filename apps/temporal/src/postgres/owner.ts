import fs from 'node:fs';
import path from 'node:path';

import { ConfigError } from '#libs/config/faults.js';

import { ProgramMissing } from '../program-missing.js';

/** Whom PostgreSQL runs as where this process is root, which it refuses. In this order. */
const unprivileged = ['postgres', 'nobody'];
const ANYBODY_ELSE = 0o077;
const SEARCH = { owner: 0o100, group: 0o010, others: 0o001 } as const;

/** A user of this machine. */
export interface Owner {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * Whom PostgreSQL's programs have to run as: undefined where they run as this process.
 * @throws {ProgramMissing} for root on a machine without an unprivileged user.
 */
export function databaseOwner(
  uid: number | undefined = process.getuid?.(),
  passwd: () => string = () => fs.readFileSync('/etc/passwd', 'utf8'),
): Owner | undefined {
  if (uid !== 0) return undefined;
  const users = passwd()
    .split('\n')
    .map((line) => line.split(':'));
  for (const name of unprivileged) {
    const user = users.find(([known]) => known === name);
    if (user !== undefined) return { name, uid: Number(user[2]), gid: Number(user[3]) };
  }
  throw new ProgramMissing('PostgreSQL refuses to run as root, and there is no user "postgres" to run it: add one');
}

/** Gives a file or folder to the owner; nothing where the programs run as this process. */
export function giveTo(owner: Owner | undefined, file: string): void {
  if (owner !== undefined) fs.chownSync(file, owner.uid, owner.gid);
}

/**
 * Lets the owner pass through a folder of this process's alone, and no further than to what is named: names in it stay hidden. A folder
 * in which others may work stays as it is.
 * @param variable what sets where the folder is
 * @throws {ConfigError} when this folder, or one above it, keeps the owner out.
 */
export function letPass(owner: Owner | undefined, folder: string, variable: string): void {
  if (owner === undefined) return;
  if (!mayPass(owner, folder) && (fs.statSync(folder).mode & ANYBODY_ELSE) === 0) {
    fs.chownSync(folder, -1, owner.gid);
    fs.chmodSync(folder, 0o710);
  }
  const closed = [...above(folder), folder].find((each) => !mayPass(owner, each));
  if (closed === undefined) return;
  const why = `PostgreSQL refuses to run as root, and as the user "${owner.name}" it cannot get through ${closed}`;
  throw new ConfigError([
    { name: variable, message: `${why}: name a folder elsewhere, or start this as another user` },
  ]);
}

function above(folder: string): string[] {
  const parent = path.dirname(folder);
  return parent === folder ? [] : [...above(parent), parent];
}

function mayPass(owner: Owner, folder: string): boolean {
  const { mode, uid, gid } = fs.statSync(folder);
  const who = uid === owner.uid ? 'owner' : gid === owner.gid ? 'group' : 'others';
  return (mode & SEARCH[who]) !== 0;
}
