import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { AuditFile, hashOf } from '#libs/audit/index.js';
import { runCli } from '../program.js';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'gangway-cli-audit-'));
  file = path.join(folder, 'audit.jsonl');
  const audit = new AuditFile(file);
  for (const reason of ['one', 'two', 'three']) {
    const about = { caller: 'ci', address: null, id: null, runId: null };
    audit.append({ at: '2026-01-01T12:00:00.000Z', ...about, route: 'POST /x', result: 'ok', reason });
  }
  audit.close();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const texts = { out: '', err: '' };
  const code = await runCli(['audit', 'verify', ...args], {
    out: { write: (text) => (texts.out += text) },
    err: { write: (text) => (texts.err += text) },
    stdin: process.stdin,
    client: () => {
      throw new Error('the API is not asked');
    },
    signal: new AbortController().signal,
  });
  return { code, ...texts };
}

function lines(): string[] {
  return readFileSync(file, 'utf8').trimEnd().split('\n');
}

describe('gangway audit verify', () => {
  it('says that nothing is missing, and the hash to keep', async () => {
    const head = hashOf(lines()[2] ?? '');
    const { code, out } = await run(file);
    expect([code, out]).toEqual([0, `3 lines, each follows the one before; the last has the hash ${head}\n`]);
    expect(await run(file, '--expect', head)).toMatchObject({
      code: 0,
      out: expect.stringContaining('line 3 has the expected hash') as string,
    });
  });

  it('names the line behind which one is missing', async () => {
    writeFileSync(file, `${[lines()[0], lines()[2]].join('\n')}\n`);
    const { code, out } = await run(file);
    expect(code).toBe(1);
    expect(out).toContain(`${file}, line 2: does not follow line 1`);
    expect(out).toContain('the chain is broken');
  });

  it('finds a cut end against a hash that was kept', async () => {
    const head = hashOf(lines()[2] ?? '');
    writeFileSync(file, `${lines().slice(0, 2).join('\n')}\n`);
    expect(await run(file)).toMatchObject({ code: 0 });
    const cut = await run(file, '--expect', head, '--json');
    expect([cut.code, JSON.parse(cut.out)]).toMatchObject([1, { lines: 2, faultCount: 0, expected: null }]);
  });

  it.each([
    { args: ['/nowhere/audit.jsonl'], err: '/nowhere/audit.jsonl cannot be read' },
    { args: ['audit.jsonl', '--expect', 'abc'], err: 'Give a SHA-256 as 64 hexadecimal digits.' },
    { args: [], err: "missing required argument 'file'" },
  ])('refuses $args', async ({ args, err }) => {
    expect(await run(...args)).toMatchObject({ code: 1, err: expect.stringContaining(err) as string });
  });
});
