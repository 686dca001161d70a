import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { openDataDir } from './data-dir.js';
import { readTextFile, TextFileError } from '#libs/files/text-file.js';

/**
 * The text of a file in the data dir, made by `create` where it is not there yet: readable by its owner alone and put in place
 * whole and once, so that processes starting side by side all read the same. The folder is made too.
 */
export function keptFile(file: string, create: () => string): string {
  const known = read(file);
  if (known !== undefined) return known;
  openDataDir(path.dirname(file));
  const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    fs.writeFileSync(draft, create(), { mode: 0o600, flag: 'wx', flush: true });
    fs.linkSync(draft, file);
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error; // made by another process meanwhile: that one counts
  } finally {
    fs.rmSync(draft, { force: true });
  }
  return readTextFile(file);
}

function read(file: string): string | undefined {
  try {
    return readTextFile(file);
  } catch (error) {
    if (error instanceof TextFileError && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
