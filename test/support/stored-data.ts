import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { runProgram } from '#apps/temporal/src/postgres/run.js';
import type { PostgresAccess, TestTemporal } from '../global-setup.js';
import type { Place } from './secret-search.js';

/** Temporal's databases on PostgreSQL: histories, and what lists are read from. */
const DATABASES = ['temporal', 'temporal_visibility'];

/**
 * All that the server's databases hold: their files, with what has not been merged into them yet, or a dump of each. Empty where the
 * server is somebody else's.
 */
export async function storedData({ dataDir, postgres }: TestTemporal): Promise<Place[]> {
  if (postgres !== null) return Promise.all(DATABASES.map((name) => dump(postgres, name)));
  if (dataDir === '') return [];
  const files = readdirSync(dataDir, { recursive: true, encoding: 'utf8' }).filter((file) => file.includes('.db'));
  return files.map((file) => ({ name: file, bytes: readFileSync(path.join(dataDir, file)) }));
}

/** The names, without endings, of the places in which a run's data have to be found. */
export function storesOf({ dataDir, postgres }: TestTemporal): string[] {
  if (postgres !== null) return DATABASES.map((name) => `dump of ${name}`);
  return dataDir === '' ? [] : ['temporal.db'];
}

/** The dump as it is, and behind it the bytes that it writes in hexadecimal. */
async function dump({ bin, port, user, password }: PostgresAccess, name: string): Promise<Place> {
  const address = ['-h', '127.0.0.1', '-p', String(port), '-U', user, '-w', '-d', name];
  const options = { environment: { PGPASSWORD: password, LC_ALL: 'C' }, folder: '/' };
  const text = await runProgram(path.join(bin, 'pg_dump'), address, options);
  const blobs = [...text.toString('latin1').matchAll(/\\x([0-9a-f]+)/g)].map(([, hex = '']) => Buffer.from(hex, 'hex'));
  return { name: `dump of ${name}`, bytes: Buffer.concat([text, ...blobs]) };
}
