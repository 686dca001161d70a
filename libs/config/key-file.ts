import fs from 'node:fs';
import type { z } from 'zod';
import { Faults, type Fault } from './faults.js';
import { inFile, readSettingsFile, type SettingsFile } from './files.js';

const ALLOW_READABLE = 'GANGWAY_ALLOW_READABLE_KEYS';
const EVERYBODY_READS = 0o004;
const EVERYBODY_WRITES = 0o002;

/** How the files of keys are read. */
export interface KeyFileOptions {
  /** `GANGWAY_ALLOW_READABLE_KEYS`: whether every user of the machine may be able to read or change them. */
  allowReadable: boolean;
}

/**
 * Reads a settings file that holds keys. Returns what the schema makes of it.
 * @throws {ConfigError} with its faults, and where every user of the machine may read or change it. Its group may: Kubernetes mounts
 * secrets so.
 */
export function readKeyFile<S extends z.ZodType>(
  source: SettingsFile,
  schema: S,
  { allowReadable }: KeyFileOptions,
): z.output<S> {
  const faults = new Faults();
  const parsed = faults.collect(() => readSettingsFile(source, schema));
  const open = allowReadable ? undefined : openToEverybody(source);
  if (open !== undefined) faults.add(open.name, open.message);
  faults.throwIfAny();
  return parsed as z.output<S>; // without a fault it was read
}

function openToEverybody(source: SettingsFile): Fault | undefined {
  const mode = fs.statSync(source.file, { throwIfNoEntry: false })?.mode ?? 0;
  if (process.platform === 'win32') return undefined; // modes mean nothing there
  const may = [...(mode & EVERYBODY_READS ? ['read'] : []), ...(mode & EVERYBODY_WRITES ? ['change'] : [])];
  if (may.length === 0) return undefined;
  const cure = `chmod 0600 it (0440 for a group), or set ${ALLOW_READABLE}=true`;
  return inFile(source, '', `holds keys, and every user of this machine may ${may.join(' and ')} it: ${cure}`);
}
