import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { EXIT } from '../exit-codes.js';
import { answerJson, type FakeHandler } from '../testing/fake-api.fixture.js';
import { runWith as run } from '../testing/run-cli.fixture.js';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'gangway-cli-'));
  file = path.join(folder, 'spec.yaml');
  writeFileSync(file, 'tenant: acme\naccount: support\nchain: egain\n');
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function answering(body: object): FakeHandler {
  return (_request, response) => answerJson(response, 200, body);
}

const AMENDMENT = {
  id: 'acme.support',
  kind: 'amend',
  planHash: 'p1',
  baseSpecHash: 's1',
  nodes: [
    {
      key: 'egain.account.web',
      action: 'update',
      reason: 'differs in address',
      changes: [
        { path: 'address', expected: '+2', seen: '+1' },
        { path: 'attributes[0].value', expected: '[secret]', seen: '[secret]' },
        { path: 'note', expected: null, seen: 'old\u001b[31m' },
      ],
    },
  ],
  removals: [{ key: 'sinch.app', externalId: 'a-1', action: 'remove', reason: 'was made by the account' }],
  undo: ['egain.account.web'],
  undoLeadsTo: 'the spec that is recorded',
  conflicts: [],
  warnings: [],
};

describe('plan of a spec whose account is there', () => {
  it('shows what changes field by field, what is removed last, and how to make just this change', async () => {
    const { code, out } = await run(['plan', '-f', file], answering(AMENDMENT));
    expect(code).toBe(EXIT.differs);
    expect(out).toContain('  address: "+1" -> "+2"\n');
    expect(out).toContain('  attributes[0].value: another secret\n');
    expect(out).toMatch(/note: "old.*" -> nothing/);
    expect(out).not.toContain('\u001b[31m');
    expect(out).toMatch(/REMOVED LAST +ACTION +REASON\nsinch\.app +remove +was made by the account\n/);
    expect(out).toContain('1 node: 1 update; 1 removal');
    expect(out.replace(/\n\s*/g, ' ')).toContain(`amend -f ${file} --plan-hash p1 --if-match '"s1"'`);
  });
});

describe('plan of an account', () => {
  const step = { key: 'egain.channel.web', externalId: 'c-1', reason: 'was made by the account', changes: [] };

  it.each([
    { option: '--offboard', operation: 'offboard', action: 'remove', code: EXIT.differs, what: 'an offboarding' },
    { option: '--repair', operation: 'repair', action: 'none', code: EXIT.done, what: 'a repair' },
    { option: '--repair', operation: 'repair', action: 'person', code: EXIT.differs, what: 'a repair' },
  ])('asks by $option, and ends with $code where it is $action', async ({ option, operation, action, code, what }) => {
    const answer = { id: 'acme.support', operation, steps: [{ ...step, action }] };
    const result = await run(['plan', 'acme.support', option], answering(answer));
    expect(result.code).toBe(code);
    expect(result.requests).toMatchObject([{ method: 'GET', path: '/v1/accounts/acme.support/plan' }]);
    expect(result.requests[0]?.query.get('operation')).toBe(operation);
    expect(result.out).toContain(`${what} of acme.support, in this order: 1 ${action}`);
  });

  it.each([
    { args: [], says: 'give a spec by --file, or an account with --offboard or --repair' },
    { args: ['acme.support'], says: 'say what of acme.support is to be planned' },
    { args: ['--offboard'], says: '--offboard is of an account' },
    { args: ['acme.support', '--repair', '--offline'], says: '--repair has to look' },
    { args: ['acme.support', '--repair', '--offboard'], says: 'cannot be used with' },
    { args: ['acme.support', '-f', 'spec.yaml'], says: 'not both' },
  ])('sends nothing for $args', async ({ args, says }) => {
    const { code, err, requests } = await run(['plan', ...args]);
    expect([code, requests]).toEqual([EXIT.error, []]);
    expect(err).toContain(says);
  });
});

describe('accounts -o yaml', () => {
  const account = { id: 'acme.support', spec: { tenant: 'acme', note: '[secret]', text: 'a\nb' }, drift: [] };

  it('prints the spec alone, as amend takes it', async () => {
    const { code, out } = await run(['accounts', 'acme.support', '-o', 'yaml'], answering(account));
    expect([code, out]).toEqual([EXIT.done, 'tenant: acme\nnote: "[secret]"\ntext: |-\n  a\n  b\n']);
  });

  it.each([
    { args: ['-o', 'yaml'], says: '--output is of one account' },
    { args: ['acme.support', '-o', 'yaml', '--json'], says: 'not both' },
    { args: ['acme.support', '-o', 'xml'], says: 'yaml' },
  ])('is refused for $args', async ({ args, says }) => {
    const { code, err, requests } = await run(['accounts', ...args]);
    expect([code, requests]).toEqual([EXIT.error, []]);
    expect(err).toContain(says);
  });
});

describe('pause', () => {
  it.each([
    { args: ['--until', '2099-01-01T00:00:00+01:00'], body: { mode: 'off', until: '2098-12-31T23:00:00.000Z' } },
    { args: ['--mode', 'observe'], body: { mode: 'observe' } },
    { args: ['--lift'], body: { mode: 'repair' } },
  ])('sends the cap of $args', async ({ args, body }) => {
    const { code, requests } = await run(
      ['pause', 'acme.support', '--reason', 'a release', ...args],
      answering({ commandId: 'c-1' }),
    );
    expect(code).toBe(EXIT.done);
    expect(requests).toMatchObject([{ method: 'PUT', path: '/v1/accounts/acme.support/reconciliation' }]);
    expect(requests[0]?.body).toEqual({ ...body, reason: 'a release' });
  });

  it('takes how long from now', async () => {
    const before = Date.now();
    const { requests } = await run(
      ['pause', 'acme.support', '--reason', 'a release', '--until', '3d'],
      answering({ commandId: 'c-1' }),
    );
    const { until } = requests[0]?.body as { until: string };
    expect(Date.parse(until) - before - 3 * 86_400_000).toBeLessThan(60_000);
  });

  it.each([
    { args: ['--until', 'tomorrow'], says: 'Give a time as' },
    { args: ['--until', '2001-01-01'], says: 'It is past' },
    { args: ['--lift', '--until', '3d'], says: '--lift ends it now' },
    { args: ['--mode', 'repair'], says: 'Allowed choices' },
  ])('sends nothing for $args', async ({ args, says }) => {
    const { code, err, requests } = await run(['pause', 'acme.support', '--reason', 'a release', ...args]);
    expect([code, requests]).toEqual([EXIT.error, []]);
    expect(err).toContain(says);
  });
});
