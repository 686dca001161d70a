import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { PROBLEMS } from '#apps/api/src/problems/problem.js';
import { egainKnobs } from '#apps/sandbox/src/egain/knobs.js';
import { livepersonKnobs } from '#apps/sandbox/src/liveperson/knobs.js';
import { sinchKnobs } from '#apps/sandbox/src/sinch/knobs.js';
import { pageFaults, readPage, sourceFaults, type Page } from '#test/support/citations.js';

const root = path.resolve(import.meta.dirname, '../..');
const SKIPPED = ['node_modules', 'dist', 'coverage', '.git', '.gangway', 'histories'];
const SOURCE = /(?:\.(?:[cm]?[jt]s|sh|ya?ml)|Dockerfile)$/;

function filesUnder(folder: string): string[] {
  return readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const file = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (SKIPPED.includes(entry.name)) return [];
    if (entry.isDirectory()) return filesUnder(file);
    return entry.isFile() ? [file] : [];
  });
}

function read(file: string): string {
  return readFileSync(path.join(root, file), 'utf8');
}

/** Its own examples are wrong on purpose. */
const THIS_FILE = 'test/unit/citations.spec.ts';

const files = filesUnder('');
const pages = new Map(files.filter((file) => file.endsWith('.md')).map((file) => [file, readPage(read(file))]));

function faultsIn(file: string): string[] {
  return sourceFaults(read(file), pages).map(({ text, why }) => `${file}: ${text} ${why}`);
}

describe('what the sources cite', () => {
  it('is a page of this repository and a section that it has, everywhere', () => {
    const sources = files.filter((file) => SOURCE.test(file) && file !== THIS_FILE);
    expect(sources.length).toBeGreaterThan(300);
    expect(sources.flatMap(faultsIn)).toEqual([]);
  });
});

describe('the pages', () => {
  it.each([...pages.keys()])('%s links to what is there and cites sections that exist', (file) => {
    expect(pageFaults(file, read(file), pages, (each) => existsSync(path.join(root, each)))).toEqual([]);
  });

  it('name metrics of ours that a source has', () => {
    const sources = files.filter((file) => /\.ts$/.test(file) && file !== THIS_FILE).map(read);
    const named = [...pages.keys()].flatMap((file) => [...read(file).matchAll(/\bgangway_[a-z_]+\b/g)]);
    const metrics = new Set(named.map(([name]) => name.replace(/_(bucket|count|sum)$/, '')));
    expect(metrics.size).toBeGreaterThan(0);
    // The SDK's meter adds `_total` to a counter's name.
    const forms = (name: string): string[] => [`'${name}'`, `'${name.replace(/_total$/, '')}'`];
    const isThere = (name: string): boolean => forms(name).some((form) => sources.some((text) => text.includes(form)));
    expect([...metrics].filter((name) => !isThere(name))).toEqual([]);
  });

  it('explain every problem of the API, and none that is not there', () => {
    const rows = [...read('docs/http.md').matchAll(/^\| `([a-z-]+)` \| ([45]\d\d) \| /gm)];
    const explained = rows.map(([, slug = '', status = '']) => `${slug} ${status}`);
    const problems = Object.entries(PROBLEMS).map(([slug, [status]]) => `${slug} ${status}`);
    expect(explained.toSorted()).toEqual(problems.toSorted());
  });

  it.each([
    ['egain', egainKnobs.parse({})],
    ['sinch', sinchKnobs.parse({})],
    ['liveperson', livepersonKnobs.parse({})],
  ])('%s names knobs that the sandbox has, and every knob that it has', (vendor, knobs) => {
    const page = read(`docs/vendors/${vendor}.md`);
    const listed = [...page.matchAll(/knobs?((?:(?:,| and)? `[\w.]+`)+)/g)].flatMap(([, list = '']) => names(list));
    const rows = [...page.matchAll(/^\| [^|]+ \| [^|]+ \| ((?:(?:, )?`\w[\w.]*`(?: \([^)]*\))?)+) \|$/gm)];
    const named = new Set([...listed, ...rows.flatMap(([, list = '']) => names(list.replaceAll(/\([^)]*\)/g, '')))]);
    expect([...named].filter((name) => !has(knobs, name.split('.')))).toEqual([]);
    const tops = new Set([...named, ...names(page)].map((name) => name.split('.')[0]));
    expect(Object.keys(knobs).filter((name) => !tops.has(name))).toEqual([]);
  });
});

function names(text: string): string[] {
  return [...text.matchAll(/`([\w.]+)`/g)].map(([, name = '']) => name);
}

function has(value: unknown, [name, ...rest]: string[]): boolean {
  if (name === undefined) return true;
  if (typeof value !== 'object' || value === null || !(name in value)) return false;
  return has((value as Record<string, unknown>)[name], rest);
}

describe('the reader of citations', () => {
  const page = readPage('# Title\n\n## 4. Keys\n\n1. first\n2. second\n\n### 4.1 More\n\n| D1 | a |\n| D2, D3 | b |\n');
  const known = new Map<string, Page>([['docs/http.md', page]]);

  it('knows headings, items of lists, and rows', () => {
    expect([...page.sections]).toEqual(['4', '4.1', '4.2', '4.1', 'D1', 'D2', 'D3'].filter(unique));
    expect([...page.anchors]).toEqual(['title', '4-keys', '41-more']);
  });

  it.each([
    [`(docs/http.md §4)`, 'a heading'],
    [`\`docs/http.md\` §4.1, §4 and §4.2`, 'several, the last one an item'],
    [`docs/http.md §4 step 2`, 'a step is an item of the list'],
    [`docs/http.md §4.1 D1 to D3`, 'rows'],
    [`RFC 6749 §5.2, RFC 9457 section 3.2`, 'pages of somebody else are not ours to check'],
    [
      `/**\n * See \`docs/http.md\`\n * §4. Later on (§4.1).\n */`,
      'a comment may be broken, and comes back to its page',
    ],
    ['waits for D1 of the connection', 'such a word means something of its own without a page'],
  ])('lets %j pass: %s', (text) => {
    expect(sourceFaults(text, known)).toEqual([]);
  });

  it.each([
    [`docs/none.md §4`, 'names no page of this repository'],
    [`http.md §4`, 'names no page of this repository'],
    [`docs/http.md §5`, 'names no section of its page'],
    [`docs/http.md §4 and §4.9`, 'names no section of its page'],
    [`docs/http.md §4 step 3`, 'names no section of its page'],
    [`docs/http.md §4.1 D9`, 'names no row of its page'],
    [`docs/http.md section 4`, 'is to be written with §, behind the path of its page'],
    [`(section 4)`, 'is to be written with §, behind the path of its page'],
    [`const a = 1; // §4`, 'names no page'],
  ])('finds that %j %s', (text, why) => {
    expect(sourceFaults(text, known)).toEqual([expect.objectContaining({ why })]);
  });

  const there = (file: string): boolean => ['docs/http.md', 'docs/a.md', 'libs/a.ts'].includes(file);

  it.each([
    ['[http](http.md#4-keys) and [itself](#4-keys)', 'anchors'],
    [`[http](http.md) §4.1`, 'a section behind a link'],
    ['`libs/a.ts`, `[any](where)`', 'a file that is there; code is no link'],
    ['[label] and\n\n[label]: https://example.org', 'a label with its address'],
  ])('lets a page with %j pass: %s', (text) => {
    expect(pageFaults('docs/http.md', text, known, there)).toEqual([]);
  });

  it.each([
    ['[no](no.md)', 'is a link to nothing'],
    ['[http](http.md#nowhere)', 'is a link to an anchor that its page does not have'],
    [`[http](http.md) §9`, 'names no section of its page'],
    [`as §9 says`, 'names no section of its page'],
    ['`libs/none.ts`', 'is not there'],
    ['[label], [other]\n\n[label]: https://example.org', 'has no address'],
    ['nothing\n\n[label]: https://example.org', 'is used nowhere'],
  ])('finds that a page with %j has something that %s', (text, why) => {
    expect(pageFaults('docs/http.md', text, known, there)).toEqual([expect.objectContaining({ why })]);
  });
});

function unique<T>(value: T, index: number, all: readonly T[]): boolean {
  return all.indexOf(value) === index;
}
