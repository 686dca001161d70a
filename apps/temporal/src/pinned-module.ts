import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** A Go module below `tools/` that pins one program by its `go.mod` and `go.sum`. */
export interface PinnedModule {
  /** Of the pinned program, without `v`, e.g. `1.8.2`. */
  readonly version: string;
  /** The Go module that builds it. */
  readonly moduleDir: string;
  /** Where what was obtained is kept: a folder per version and content of the two files. */
  readonly cachedFolder: string;
}

/** Reads the pin of a module: the version of `required` in it. @throws {Error} when it requires none. */
export function readPinnedModule(name: string, required: string, cacheDir: string, moduleDir?: string): PinnedModule {
  const folder = moduleDir ?? checkoutFile('tools', name);
  const goMod = fs.readFileSync(path.join(folder, 'go.mod'));
  const goSum = fs.readFileSync(path.join(folder, 'go.sum'));
  const line = goMod
    .toString('utf8')
    .split('\n')
    .find((text) => text.startsWith(`require ${required} v`));
  const version = line?.split(' v')[1]?.trim();
  if (version === undefined) throw new Error(`${folder}/go.mod does not require ${required}`);
  const hash = createHash('sha256').update(goMod).update(goSum).digest('hex').slice(0, 12);
  return { version, moduleDir: folder, cachedFolder: path.join(cacheDir, name, `${version}-${hash}`) };
}

/** A file of the checkout, found from this one upwards, so it is the same from the sources and from `dist`. @throws {Error} when it is not there. */
export function checkoutFile(...segments: string[]): string {
  for (let folder = path.dirname(fileURLToPath(import.meta.url)); ; folder = path.dirname(folder)) {
    const candidate = path.join(folder, ...segments);
    // `dist` holds compiled code below the same names; only the checkout has the package's description beside them.
    if (fs.existsSync(path.join(folder, 'package.json')) && fs.existsSync(candidate)) return candidate;
    if (folder === path.dirname(folder)) {
      throw new Error(`${path.join(...segments)} is missing: this is not a complete checkout`);
    }
  }
}
