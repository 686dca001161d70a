import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AuditFile, FIRST, hashOf, readAuditLine, TORN, verifyAuditFile, type AuditEntry } from './index.js';

let folder: string;
let file: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gangway-audit-'));
  file = path.join(folder, 'audit.jsonl');
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

function entry(reason: string): AuditEntry {
  const at = '2026-01-01T12:00:00.000Z';
  return { at, caller: 'ci', address: '192.0.2.1', route: 'POST /x', id: 'acme.a', runId: 'r', result: 'ok', reason };
}

/** Appends lines by a process of its own. */
function write(...reasons: string[]): void {
  const audit = new AuditFile(file);
  for (const reason of reasons) audit.append(entry(reason));
  audit.close();
}

function lines(): string[] {
  const text = fs.readFileSync(file, 'utf8');
  expect(text.endsWith('\n')).toBe(true);
  return text.slice(0, -1).split('\n');
}

function replaceLines(change: (all: string[]) => string[]): void {
  fs.writeFileSync(file, `${change(lines()).join('\n')}\n`);
}

describe('a file of audit lines', () => {
  it('carries in each line the hash of the one before, over restarts too', async () => {
    write('one', 'two');
    write('three\n"quoted" ü');
    const all = lines();
    expect(all.map((line) => readAuditLine(line)?.prev)).toEqual([FIRST, hashOf(all[0] ?? ''), hashOf(all[1] ?? '')]);
    expect(Object.keys(JSON.parse(all[0] ?? '') as object)).toEqual([
      ...['at', 'caller', 'address', 'route', 'id', 'runId', 'result', 'reason', 'prev'],
    ]);
    expect(await verifyAuditFile(file)).toEqual({
      ...{ lines: 3, torn: 0, head: hashOf(all[2] ?? ''), faults: [], faultCount: 0, expected: undefined },
    });
    expect(fs.statSync(file).mode & 0o777).toBe(0o600);
  });

  it.each([
    { reason: 'within its text', keep: (text: string) => text.slice(0, -20), torn: 1 },
    {
      reason: 'within a character',
      keep: (text: string) => Buffer.from(text).subarray(0, -(text.length - text.indexOf('é'))),
      torn: 1,
    },
    { reason: 'before its line feed alone, so that it is whole', keep: (text: string) => text.slice(0, -1), torn: 0 },
  ])('goes on behind a last line that was cut off $reason', async ({ keep, torn }) => {
    write('one', 'café');
    fs.writeFileSync(file, keep(fs.readFileSync(file, 'utf8')));
    write('three');
    const marks = lines().filter((line) => readAuditLine(line)?.result === TORN);
    expect(marks).toHaveLength(torn);
    expect(await verifyAuditFile(file)).toMatchObject({ lines: 3 + torn, torn, faultCount: 0 });
  });

  it('goes on behind a first line that was cut off', async () => {
    fs.writeFileSync(file, '{"at":"2026-01-01T1');
    write('two');
    expect(await verifyAuditFile(file)).toMatchObject({ lines: 3, torn: 1, faultCount: 0 });
  });

  it('follows what another process has appended meanwhile', async () => {
    const one = new AuditFile(file);
    one.append(entry('one'));
    write('two');
    one.append(entry('three'));
    one.close();
    expect(await verifyAuditFile(file)).toMatchObject({ lines: 3, faultCount: 0 });
  });

  it.each(['root:x:0:0:root\n', '{"keys":[]}\n', '{"at":1}\nx\n'])('is not taken for another file: %j', (text) => {
    fs.writeFileSync(file, text);
    expect(() => new AuditFile(file)).toThrow('holds something else than audit lines');
    expect(fs.readFileSync(file, 'utf8')).toBe(text);
  });

  it('says when a line cannot be written', () => {
    const full = '/dev/full';
    if (!fs.existsSync(full)) return;
    expect(() => new AuditFile(full).append(entry('one'))).toThrow(/ENOSPC/);
  });
});

describe('verifying', () => {
  beforeEach(() => write('one', 'two', 'three', 'four'));

  it.each([
    {
      reason: 'a changed line',
      change: (all: string[]) => all.map((line) => line.replace('"two"', '"2"')),
      faults: [
        { line: 3, problem: 'does not follow line 2: one of the two was changed, or lines between them are missing' },
      ],
    },
    {
      reason: 'a missing line',
      change: (all: string[]) => all.filter((_, index) => index !== 1),
      faults: [
        { line: 2, problem: 'does not follow line 1: one of the two was changed, or lines between them are missing' },
      ],
    },
    {
      reason: 'a missing beginning',
      change: (all: string[]) => all.slice(2),
      faults: [{ line: 1, problem: 'is the first, and says that others were before it: they are missing' }],
    },
    {
      reason: 'two lines that have changed places',
      change: ([one = '', two = '', ...rest]: string[]) => [two, one, ...rest],
      faults: [{ line: 1 }, { line: 2 }, { line: 3 }],
    },
    {
      reason: 'a line that is none',
      change: (all: string[]) => all.map((line, index) => (index === 1 ? 'rubbish' : line)),
      faults: [{ line: 2, problem: 'is no audit line: it was changed, or cut off and not marked' }, { line: 3 }],
    },
  ])('finds $reason', async ({ change, faults }) => {
    replaceLines(change);
    const report = await verifyAuditFile(file);
    expect(report.faults).toMatchObject(faults);
    expect(report.faultCount).toBe(faults.length);
  });

  it('finds a cut end, and a changed last line, against a hash that was kept', async () => {
    const { head } = await verifyAuditFile(file);
    expect((await verifyAuditFile(file, head.toUpperCase())).expected).toBe(4);
    write('five');
    expect((await verifyAuditFile(file, head)).expected).toBe(4);
    replaceLines((all) => all.slice(0, 3));
    expect(await verifyAuditFile(file, head)).toMatchObject({ faultCount: 0, expected: null });
  });

  it('counts faults beyond the first twenty', async () => {
    write(...Array.from({ length: 100 }, (_, index) => String(index)));
    replaceLines((all) => all.reverse());
    const { faults, faultCount } = await verifyAuditFile(file);
    expect([faults.length, faultCount]).toEqual([20, 104]);
  });
});
