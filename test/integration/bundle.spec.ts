import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'gangway-bundle-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Bundles a copy of what was compiled, in a folder of its own. */
function bundleIn(name: string): string {
  const root = path.join(folder, name);
  mkdirSync(root, { recursive: true });
  for (const part of [
    'package.json',
    'package-lock.json',
    'scripts/lib',
    'dist/workflows',
    'dist/libs',
    'dist/activities',
  ]) {
    cpSync(part, path.join(root, part), { recursive: true });
  }
  symlinkSync(path.resolve('node_modules'), path.join(root, 'node_modules'));
  const program = "import('./scripts/lib/bundle-workflows.mjs').then(({ bundleWorkflows }) => bundleWorkflows())";
  execFileSync(process.execPath, ['-e', program], { cwd: root, stdio: 'pipe' });
  return readFileSync(path.join(root, 'dist/workflow-bundle.js'), 'utf8');
}

it('the same sources make the same bundle in any folder, byte for byte, and it tells of no folder', () => {
  const bundles = [bundleIn('a'), bundleIn('a longer/one')];
  expect(bundles[0] === bundles[1]).toBe(true);
  const [code = ''] = bundles;
  const encoded = /sourceMappingURL=data:application\/json;charset=utf-8;base64,([\w+/=]+)/.exec(code)?.[1] ?? '';
  const map = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8')) as { sources: string[] };
  expect(map.sources).toContain('workflows/account.workflow.ts');
  for (const text of [code, JSON.stringify(map)]) {
    expect(text.includes(folder) || text.includes(process.cwd())).toBe(false);
  }
});
