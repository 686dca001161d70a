import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { readSpec } from './read-spec.js';

const noInput = Readable.from([]);
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'gangway-spec-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function fileOf(content: string | Buffer): string {
  const file = path.join(folder, 'spec.yaml');
  writeFileSync(file, content);
  return file;
}

async function valueOf(content: string | Buffer): Promise<unknown> {
  return (await readSpec(fileOf(content), noInput)).value;
}

describe('readSpec', () => {
  const good: { reason: string; content: string; value: object }[] = [
    { reason: 'YAML', content: 'a: 1\nb: [x, true, null]\n', value: { a: 1, b: ['x', true, null] } },
    { reason: 'JSON', content: '{ "a": { "b": 1.5 } }', value: { a: { b: 1.5 } } },
    { reason: 'a byte order mark', content: '\ufeffa: é\r\n', value: { a: 'é' } },
    { reason: 'a number as a key', content: '1: x\n007: y\n', value: { '1': 'x', '007': 'y' } },
    {
      reason: 'an anchor that is set anew',
      content: 'a: &x 1\nb: *x\nc: &x 2\nd: *x\n',
      value: { a: 1, b: 1, c: 2, d: 2 },
    },
    { reason: 'a key that objects have by themselves', content: 'toString: 1\n', value: { toString: 1 } },
  ];
  it.each(good)('reads $reason', async ({ content, value }) => {
    expect(await valueOf(content)).toEqual(value);
  });

  it('keeps a key named __proto__ as data', async () => {
    const value = await valueOf('__proto__: { tenant: other }\naccount: a\n');
    expect(JSON.stringify(value)).toBe('{"__proto__":{"tenant":"other"},"account":"a"}');
    expect((value as { tenant?: unknown }).tenant).toBeUndefined();
  });

  it('reads from standard input, also where a character comes in two pieces', async () => {
    const bytes = Buffer.from('a: é\n');
    const stdin = Readable.from([bytes.subarray(0, 4), bytes.subarray(4)]);
    expect((await readSpec('-', stdin)).value).toEqual({ a: 'é' });
  });

  it('counts what aliases make, not how often they are used', async () => {
    const uses = Array.from({ length: 500 }, () => '*r').join(', ');
    expect(await valueOf(`r: &r { max: 1 }\nall: [${uses}]\n`)).toMatchObject({ r: { max: 1 } });
    const bomb = 'a b c d e f g h i'
      .split(' ')
      .map(
        (name, n, names) =>
          `${name}: &${name} [${Array(9)
            .fill(n === 0 ? 'x' : `*${names[n - 1] ?? ''}`)
            .join(', ')}]`,
      )
      .join('\n');
    await expect(valueOf(bomb)).rejects.toThrow(/spec\.yaml, line \d+: what begins here has more than 2 MB/);
  });

  it.each([
    { reason: 'an alias without an anchor', content: 'a: 1\nb: *no\n', says: 'line 2: *no refers to an anchor &no' },
    {
      reason: 'an alias within itself',
      content: 'a: &a\n  b: *a\n',
      says: 'line 2: *a refers to what it is a part of',
    },
    { reason: 'two documents', content: 'a: 1\n---\nb: 2\n', says: 'line 2: another document begins here' },
    { reason: 'a key twice', content: 'a: 1\nb: 2\na: 3\n', says: 'line 3: the key "a" is there already, in line 1' },
    { reason: 'a key that is a list', content: '[a]: 1\n', says: 'line 1: a key must be text' },
    { reason: 'a tag', content: 'a: !secret hub\n', says: 'line 1: tags are not known here' },
    { reason: 'not a number', content: 'a:\n  b: .nan\n', says: 'line 2: .nan is a number that JSON cannot hold' },
    {
      reason: 'a number that would change',
      content: 'a: 12345678901234567890\n',
      says: '12345678901234567890 is a number',
    },
    { reason: 'what is not YAML', content: 'a: [\n', says: 'not valid YAML or JSON' },
    { reason: 'a list', content: '- a\n', says: 'must hold an object' },
    { reason: 'nothing', content: '', says: 'must hold an object' },
    { reason: 'a text', content: 'hello', says: 'must hold an object' },
    { reason: 'endless nesting', content: '['.repeat(50_000), says: 'nested too deeply' },
  ])('refuses $reason, naming the file', async ({ content, says }) => {
    const file = fileOf(content);
    const error = await readSpec(file, noInput).then(
      () => undefined,
      (thrown: unknown) => String(thrown),
    );
    expect(error).toContain(file);
    expect(error).toContain(says);
    expect(error).not.toMatch(/parseAllDocuments|maxAliasCount|\^/);
  });

  it.each([
    { encoding: 'Latin-1', bytes: Buffer.from('a: 1\nb: Café Zürich\n', 'latin1'), says: 'first in line 2' },
    { encoding: 'UTF-16', bytes: Buffer.from('\ufeffa: 1\n', 'utf16le'), says: 'looks like UTF-16' },
    { encoding: 'UTF-16 without a mark', bytes: Buffer.from('a: é\n', 'utf16le'), says: 'looks like UTF-16' },
  ])('refuses $encoding: a letter that is replaced would go on to a vendor', async ({ bytes, says }) => {
    await expect(valueOf(bytes)).rejects.toThrow(
      new RegExp(`spec\\.yaml is not UTF-8 \\(.*${says}.*\\): save it as UTF-8`),
    );
  });

  it('looks at the size before it reads on', async () => {
    await expect(valueOf(Buffer.alloc(5_000_000, 'a'))).rejects.toThrow(/spec\.yaml has more than 4 MB/);
    let read = 0;
    const endless = Readable.from(
      (function* () {
        for (;;) yield Buffer.alloc(100_000, (read += 100_000) > 0 ? 'a' : 'b');
      })(),
    );
    await expect(readSpec('-', endless)).rejects.toThrow('the spec on standard input has more than 4 MB');
    expect(read).toBeLessThan(10_000_000);
  });

  it('reads many keys in a time that grows with their number', async () => {
    const timeOf = async (count: number): Promise<number> => {
      const labels = Array.from({ length: count }, (_, n) => `  label-${String(n)}: x\n`).join('');
      const times: number[] = [];
      for (let run = 0; run < 3; run += 1) {
        const began = performance.now();
        await valueOf(`labels:\n${labels}`);
        times.push(performance.now() - began);
      }
      return Math.min(...times);
    };
    const [some, tenTimes] = [await timeOf(4_000), await timeOf(40_000)];
    // With a look at every earlier key it was a hundredfold.
    expect(tenTimes / some).toBeLessThan(40);
  });

  it.each([
    { reason: 'no such file', file: () => path.join(folder, 'none.yaml'), says: 'there is no such file' },
    { reason: 'a folder', file: () => folder, says: 'it is a folder' },
  ])('tells in words: $reason', async ({ file, says }) => {
    await expect(readSpec(file(), noInput)).rejects.toThrow(`the spec ${file()} cannot be read: ${says}`);
  });
});

describe('locate', () => {
  it('finds the line of a pointer, through lists, aliases and escaped names', async () => {
    const spec = await readSpec(fileOf('a: &a\n  b/c:\n    - x: +15550100\n    - y: true\nd: *a\ne: text\n'), noInput);
    expect(spec.locate('/a/b~1c/0/x')).toEqual({ line: 3, plain: { source: '+15550100', readAs: 'a number' } });
    expect(spec.locate('/d/b~1c/1/y')).toEqual({ line: 4, plain: { source: 'true', readAs: 'true or false' } });
    expect(spec.locate('/e')).toEqual({ line: 6 });
    for (const missing of ['/f', '/a/b~1c/7', '/e/f']) expect(spec.locate(missing)).toBeUndefined();
  });
});
