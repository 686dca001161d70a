import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError } from './faults.js';
import { WatchedFile } from './watched-file.js';

let folder: string;
let file: string;
let reads: number;
let told: string[];

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gangway-watched-'));
  file = path.join(folder, 'settings');
  reads = 0;
  told = [];
  fs.writeFileSync(file, 'one');
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

function read(from: string): string {
  reads += 1;
  let text: string;
  try {
    text = fs.readFileSync(from, 'utf8');
  } catch {
    throw new ConfigError([{ name: 'FILE', message: 'is away' }]);
  }
  if (text === 'wrong') throw new ConfigError([{ name: 'FILE', message: 'is wrong' }]);
  return text;
}

function watched(): WatchedFile<string> {
  const it = new WatchedFile(file, read);
  it.listen({
    onChange: () => told.push('changed'),
    onFault: (faults) => told.push(...faults.map(({ message }) => message)),
  });
  return it;
}

/** As a careful operator puts a file in place: whole, by its name. */
function replace(content: string): void {
  fs.writeFileSync(`${file}.new`, content);
  fs.renameSync(`${file}.new`, file);
}

describe('WatchedFile', () => {
  it('is read once as long as nothing changes', () => {
    const it = watched();
    expect([it.current(), it.current(), it.current()]).toEqual(['one', 'one', 'one']);
    expect(reads).toBe(1);
  });

  it('counts anew as soon as it was replaced, or written over with as many bytes', () => {
    const it = watched();
    replace('two');
    expect(it.current()).toBe('two');
    fs.writeFileSync(file, 'six');
    expect(it.current()).toBe('six');
    expect(told).toEqual(['changed', 'changed']);
  });

  it('is followed through the link that Kubernetes turns over', () => {
    for (const name of ['a', 'b']) fs.mkdirSync(path.join(folder, name));
    fs.writeFileSync(path.join(folder, 'a', 'f'), 'old');
    fs.writeFileSync(path.join(folder, 'b', 'f'), 'new');
    fs.symlinkSync('a', path.join(folder, '..data'));
    file = path.join(folder, '..data', 'f');
    const it = watched();
    fs.symlinkSync('b', path.join(folder, '..new'));
    fs.renameSync(path.join(folder, '..new'), path.join(folder, '..data'));
    expect(it.current()).toBe('new');
  });

  it('leaves in force what was read before when it is wrong or away, says so once, and goes on when it is right', () => {
    const it = watched();
    replace('wrong');
    expect([it.current(), it.current()]).toEqual(['one', 'one']);
    fs.rmSync(file);
    expect([it.current(), it.current()]).toEqual(['one', 'one']);
    replace('two');
    expect(it.current()).toBe('two');
    expect(told).toEqual(['is wrong', 'is away', 'changed']);
  });

  it('is read again when told to, and says whether that went well', () => {
    const it = watched();
    expect(it.reload()).toBe(true);
    expect(reads).toBe(2);
    replace('wrong');
    expect(it.reload()).toBe(false);
    expect(it.current()).toBe('one');
  });

  it('that is faulty from the beginning ends the start', () => {
    replace('wrong');
    expect(() => watched()).toThrow('is wrong');
  });
});
