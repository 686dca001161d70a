import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeText, readTextFile, TextFileError, withoutLineEnd } from './text-file.js';

const CANARY = 'canary-7f3a';
const MARK = Buffer.from([0xef, 0xbb, 0xbf]);

let folder: string;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gangway-text-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

function fileOf(bytes: Uint8Array): string {
  const file = path.join(folder, 'file');
  fs.writeFileSync(file, bytes);
  return file;
}

describe('readTextFile', () => {
  it.each([
    { reason: 'plain text is what it is', bytes: Buffer.from('pass wörd ✓'), text: 'pass wörd ✓' },
    { reason: 'a byte order mark is no part', bytes: Buffer.concat([MARK, Buffer.from('pass')]), text: 'pass' },
    { reason: 'only the first mark is one', bytes: Buffer.concat([MARK, MARK]), text: '\uFEFF' },
    { reason: 'a mark inside is text', bytes: Buffer.from('a\uFEFFb'), text: 'a\uFEFFb' },
    { reason: 'nothing is nothing', bytes: Buffer.alloc(0), text: '' },
  ])('$reason', ({ bytes, text }) => {
    expect(readTextFile(fileOf(bytes))).toBe(text);
  });

  it.each([
    {
      reason: 'what PowerShell 5 writes by default',
      bytes: Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(CANARY, 'utf16le')]),
      message: 'is saved as UTF-16: save it as UTF-8',
    },
    {
      reason: 'the other order of bytes',
      bytes: Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(CANARY, 'utf16le').swap16()]),
      message: 'is saved as UTF-16: save it as UTF-8',
    },
    {
      reason: 'Latin-1, of which replacement characters would be another secret',
      bytes: Buffer.from(`${CANARY}-ü`, 'latin1'),
      message: 'is not saved as UTF-8: save it so',
    },
  ])('refuses $reason', ({ bytes, message }) => {
    const file = fileOf(bytes);
    expect(() => readTextFile(file)).toThrow(new TextFileError(message));
    expect(() => readTextFile(file)).not.toThrow(CANARY);
  });

  it('names the code of a file that cannot be read', () => {
    expect(() => readTextFile(path.join(folder, 'absent'))).toThrow('cannot be read (ENOENT)');
    expect(() => readTextFile(folder)).toThrow('cannot be read (EISDIR)');
  });
});

describe('decodeText', () => {
  it('reads bytes as readTextFile reads a file', () => {
    expect(decodeText(Buffer.concat([MARK, Buffer.from('pass')]))).toBe('pass');
    expect(() => decodeText(Buffer.from([0xc3]))).toThrow(TextFileError);
  });
});

describe('withoutLineEnd', () => {
  it.each([
    ['pass\n', 'pass'],
    ['pass\r\n', 'pass'],
    ['pass\n\n', 'pass\n'],
    ['pass ', 'pass '],
    ['\n', ''],
  ])('%j is %j: one line end goes, blanks may be meant', (text, kept) => {
    expect(withoutLineEnd(text)).toBe(kept);
  });
});
