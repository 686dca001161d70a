import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { runProgram } from './program.js';

let temporary: string;
beforeEach(() => {
  temporary = mkdtempSync(path.join(tmpdir(), 'gangway-e2e-'));
});
afterEach(() => {
  rmSync(temporary, { recursive: true, force: true });
});

describe('the demonstration', () => {
  it(
    'onboards an account, shows a failing one undone to nothing, amends, repairs and takes off, and leaves nothing behind',
    { timeout: 180_000 },
    async () => {
      const demo = runProgram('apps/cli/src/demo/main.js', [], { TMPDIR: temporary });
      const exitCode = await demo.exited;
      const { stdout, stderr } = demo.output;
      expect(exitCode, `${stdout}\n${stderr}`).toBe(0);
      expect(stdout).toContain('acme.support: succeeded');
      expect(stdout).toMatch(/11 objects, exactly those that the job records/);
      expect(stdout).toMatch(/sinch +webhook +\S+ +https:\/\/hub\.acme\.example\/sinch\/events/);
      expect(stdout).toContain('acme.outage: rolled-back');
      expect(stdout).toMatch(/objects with the marker of acme\.outage: 0 \(made (\d+), removed \1\)/);
      expect(stdout).toMatch(/acme\.lp-handoff: waiting[^]*was not accepted[^]*acme\.lp-handoff: succeeded/);
      expect(stdout).toMatch(/acme\.lp-handoff: app \S+ stands/);
      expect(stdout).toMatch(/amended .*: 1 write \(update account\)/);
      expect(stdout).toMatch(/observed .*address: expected acme-app-emea, seen somebody-else/);
      expect(stdout).toMatch(/repaired +1 write/);
      expect(stdout).toMatch(/taken off \d+ objects removed[^]*objects with the marker of acme\.support: 0\n/);
      expect(stdout, 'no address leads anywhere any more').not.toMatch(/http:\/\/127\.0\.0\.1/);
      expect(stdout).toMatch(/the demonstration went as it should .*\n.*npm run demo -- --keep/);
      expect(readdirSync(temporary)).toEqual([]);
    },
  );

  it('stays up on request: its links lead somewhere until Ctrl-C', { timeout: 180_000 }, async () => {
    const demo = runProgram('apps/cli/src/demo/main.js', ['--keep'], { TMPDIR: temporary });
    await demo.printed(/npx gangway list/);
    const links = [...demo.output.stdout.matchAll(/: (http:\/\/127\.0\.0\.1:\S+)$/gm)].map(([, link = '']) => link);
    expect(links).toHaveLength(5);
    for (const link of links) expect((await fetch(link)).status, link).toBe(200);
    const [, settings = ''] = /^ {2}(.*) npx gangway list$/m.exec(demo.output.stdout) ?? [];
    const environment = settings.split(' ').map((each) => each.split('=') as [string, string]);
    const list = runProgram('apps/cli/src/main.js', ['list'], Object.fromEntries(environment));
    expect(await list.exited, list.output.stderr).toBe(0);
    expect(list.output.stdout).toMatch(/acme\.support +succeeded/);
    demo.child.kill('SIGINT');
    expect(await demo.exited).toBe(0);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('stops at Ctrl-C and leaves nothing behind', { timeout: 120_000 }, async () => {
    const demo = runProgram('apps/cli/src/demo/main.js', [], { TMPDIR: temporary });
    await demo.printed(/Sandbox ready/);
    demo.child.kill('SIGINT');
    expect(await demo.exited).toBe(130);
    expect(readdirSync(temporary)).toEqual([]);
  });
});
