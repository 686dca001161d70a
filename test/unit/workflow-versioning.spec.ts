import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

/** How workflow code says by itself what becomes of its runs when versions change. */
const SAYS_IT = /\b(?:setWorkflowOptions|versioningBehavior|initialVersioningBehavior|versioningOverride)\b/;

function sources(folder: string): string[] {
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => path.join(entry.parentPath, entry.name));
}

function saying(files: readonly { file: string; text: string }[]): string[] {
  return files.filter(({ text }) => SAYS_IT.test(text)).map(({ file }) => file);
}

describe('workflow code', () => {
  it('says nothing of versions: a worker without one refuses each task of a workflow that does, for good', () => {
    const files = sources('workflows').map((file) => ({ file, text: fs.readFileSync(file, 'utf8') }));
    expect(files.length).toBeGreaterThan(20);
    expect(saying(files)).toEqual([]);
  });

  it.each([
    "setWorkflowOptions({ versioningBehavior: 'PINNED' }, onboardAccount);",
    "const next = makeContinueAsNewFunc({ initialVersioningBehavior: 'AUTO_UPGRADE' });",
    "await startChild('notify', { versioningOverride: 'AUTO_UPGRADE' });",
  ])('is held to that: %s is found, here and by lint', (text) => {
    expect(saying([{ file: 'workflows/planted.ts', text }])).toEqual(['workflows/planted.ts']);
    const config = fs.readFileSync('eslint.config.js', 'utf8');
    const names = /selector:\s*'Identifier\[name=\/\^\(([\w|]+)\)\$\/\]'/.exec(config)?.[1]?.split('|') ?? [];
    expect(names.filter((name) => text.includes(name))).toHaveLength(1 + Number(text.startsWith('set')));
  });
});
