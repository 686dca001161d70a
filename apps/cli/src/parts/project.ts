import { existsSync } from 'node:fs';
import path from 'node:path';

/** The folder of the checkout, whether this runs from `dist` or from source. */
export const projectRoot = findRoot(import.meta.dirname);

/** A file of the checkout. */
export function projectFile(...segments: string[]): string {
  return path.join(projectRoot, ...segments);
}

function findRoot(folder: string): string {
  return existsSync(path.join(folder, 'package.json')) ? folder : findRoot(path.dirname(folder));
}
