import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { VENDOR_MODULES } from '#libs/vendors/registry.js';

const root = path.resolve(import.meta.dirname, '../..');

/** Where a vendor may be named outside its own folders, and why. Each entry is a file, or a folder with a slash at its end. */
const ALLOWED: Readonly<Record<string, string>> = {
  'libs/vendors/registry.ts': 'the line of each vendor',
  'apps/sandbox/src/vendors.ts': 'the line of its twin in the sandbox',
  'libs/vendors/common/client-credentials.ts': 'sources of the rows of a table, which name pages',
  'libs/vendors/common/fault-table.ts': 'sources of the rows of a table, which name pages',
  'apps/api/src/openapi/examples.ts': 'examples of specs, which are of some vendor',
  'apps/cli/src/demo/': 'the demonstration, which tells of some vendors',
  'apps/cli/src/start/main.ts': 'the file of an example to begin with',
  'apps/sandbox/src/testing/': 'helpers of the tests of the sandbox’s vendors',
};

const NAMES = new RegExp(VENDOR_MODULES.flatMap(({ vendor, label }) => [vendor, label]).join('|'), 'i');

/** The files of the product that are of no vendor. Tests and fixtures are about some vendor, and are no part of it. */
function sharedFiles(): string[] {
  const listed = execFileSync('git', ['ls-files', 'libs', 'apps', 'activities', 'workflows', 'tools', 'scripts'], {
    cwd: root,
    encoding: 'utf8',
  });
  const own = VENDOR_MODULES.flatMap(({ vendor }) => [`libs/vendors/${vendor}/`, `apps/sandbox/src/${vendor}/`]);
  return listed
    .split('\n')
    .filter((file) => /\.(?:ts|mjs|cjs)$/.test(file) && !/\.(?:spec|fixture)\.ts$/.test(file))
    .filter((file) => !own.some((folder) => file.startsWith(folder)));
}

function isAllowed(file: string): boolean {
  return Object.keys(ALLOWED).some((place) => (place.endsWith('/') ? file.startsWith(place) : file === place));
}

/** The lines of code that name a vendor; comments may, as examples. */
function namingLines(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(?<=^|\s)\/\/.*$/gm, '');
  return code.split('\n').filter((line) => NAMES.test(line));
}

describe('code that all vendors share', () => {
  it('is told from comments, whatever the case of a name', () => {
    expect(namingLines("/** as egain */\n// at Sinch\nconst a = 'LivePerson';\n")).toEqual(["const a = 'LivePerson';"]);
  });

  it('names none of them, but in the places that say why', () => {
    const files = sharedFiles();
    expect(files.length).toBeGreaterThan(300);
    const naming = files
      .filter((file) => !isAllowed(file))
      .flatMap((file) =>
        namingLines(fs.readFileSync(path.join(root, file), 'utf8')).map((line) => `${file}: ${line.trim()}`),
      );
    expect(naming).toEqual([]);
  });

  it('is what it was thought to be: every place that may name one still does', () => {
    const files = sharedFiles();
    const idle = Object.keys(ALLOWED).filter(
      (place) =>
        !files
          .filter((file) => (place.endsWith('/') ? file.startsWith(place) : file === place))
          .some((file) => namingLines(fs.readFileSync(path.join(root, file), 'utf8')).length > 0),
    );
    expect(idle).toEqual([]);
  });
});
