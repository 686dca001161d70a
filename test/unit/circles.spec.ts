import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.resolve(import.meta.dirname, '../..');
const IMPORT = /^(?:import|export)\s[^;]*?from '([^']+)'/gm;

/** Which names import which, types included. */
type Arrows = Map<string, Set<string>>;

/** The production files, as paths from the root. */
function sources(): string[] {
  const listed = execFileSync('git', ['ls-files', 'libs/*.ts', 'apps/*.ts', 'activities/*.ts', 'workflows/*.ts'], {
    cwd: root,
    encoding: 'utf8',
  });
  return listed.split('\n').filter((file) => file !== '' && !/\.(?:spec|fixture)\.ts$/.test(file));
}

/** The file of ours that an import names; undefined for a package. */
function imported(file: string, name: string): string | undefined {
  if (name.startsWith('#')) return name.slice(1).replace(/\.js$/, '.ts');
  return name.startsWith('.') ? path.join(path.dirname(file), name).replace(/\.js$/, '.ts') : undefined;
}

/** The part of the house that a file is in: `libs/config`, `apps/api`, `workflows/interpreter`. */
function partOf(file: string): string {
  const folders = path.dirname(file).split('/');
  return folders[0] === 'libs' || folders[0] === 'apps' ? folders.slice(0, 2).join('/') : folders.join('/');
}

function arrowsBetween(nameOf: (file: string) => string): Arrows {
  const arrows: Arrows = new Map();
  for (const file of sources()) {
    const from = nameOf(file);
    for (const [, name = ''] of fs.readFileSync(path.join(root, file), 'utf8').matchAll(IMPORT)) {
      const target = imported(file, name);
      if (target === undefined || nameOf(target) === from) continue;
      arrows.set(from, (arrows.get(from) ?? new Set()).add(nameOf(target)));
    }
  }
  return arrows;
}

/** The arrows from which a way leads back to where they begin: `a -> b`. */
function circles(arrows: Arrows): string[] {
  const reached = new Map([...arrows.keys()].map((from) => [from, reachedFrom(from, arrows)]));
  return [...arrows].flatMap(([from, targets]) =>
    [...targets].filter((to) => reached.get(to)?.has(from) === true).map((to) => `${from} -> ${to}`),
  );
}

function reachedFrom(start: string, arrows: Arrows): Set<string> {
  const reached = new Set<string>();
  const open = [start];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    for (const next of arrows.get(name) ?? []) {
      if (reached.has(next)) continue;
      reached.add(next);
      open.push(next);
    }
  }
  return reached;
}

describe('imports, those of types included', () => {
  it('finds a circle where there is one, however long', () => {
    const arrows: Arrows = new Map([
      ['a', new Set(['b'])],
      ['b', new Set(['c', 'd'])],
      ['c', new Set(['a'])],
    ]);
    expect(circles(arrows)).toEqual(['a -> b', 'b -> c', 'c -> a']);
  });

  it('reads all that there is', () => {
    const arrows = arrowsBetween(partOf);
    expect([...(arrows.get('libs/config') ?? [])]).toContain('libs/vendors');
    expect([...(arrows.get('workflows') ?? [])]).toContain('workflows/interpreter');
  });

  it('never lead from one part of the house to another and back', () => {
    expect(circles(arrowsBetween(partOf))).toEqual([]);
  });
});
