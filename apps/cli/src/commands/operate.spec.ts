import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { EXIT } from '../exit-codes.js';
import { answerJson, type FakeHandler } from '../testing/fake-api.fixture.js';
import { runWith as run } from '../testing/run-cli.fixture.js';

const ACCEPTED = { operationId: 'op-1', status: 'queued', links: {} };
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'gangway-cli-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function specFile(text = 'tenant: acme\naccount: support\nchain: egain\n'): string {
  const file = path.join(folder, 'spec.yaml');
  writeFileSync(file, text);
  return file;
}

function answering(body: object, status = 202): FakeHandler {
  return (_request, response) => answerJson(response, status, body);
}

describe('amend', () => {
  it('sends the spec to the account that it names', async () => {
    const { code, out, err, requests } = await run(
      ['amend', '-f', specFile(), '--plan-hash', 'p1', '--if-match', '"s1"'],
      answering(ACCEPTED),
    );
    expect(code).toBe(EXIT.done);
    expect(requests).toMatchObject([
      {
        method: 'PUT',
        path: '/v1/accounts/acme.support',
        headers: { 'if-match': '"s1"' },
        body: { tenant: 'acme', account: 'support', chain: 'egain', planHash: 'p1' },
      },
    ]);
    expect(out).toBe('acme.support: the change accepted (run op-1, queued)\n');
    expect(err).toContain('npx gangway watch acme.support --run-id op-1');
  });

  it('says that nothing is to be done where the account stands by the spec already', async () => {
    const { code, out } = await run(['amend', '-f', specFile(), '--wait'], answering({ operationId: null }, 200));
    expect([code, out]).toEqual([EXIT.done, 'acme.support: stands by this spec already, nothing is to be done\n']);
  });

  it('sends nothing for a spec that names no account', async () => {
    const { code, err, requests } = await run(['amend', '-f', specFile('tenant: acme\n')]);
    expect([code, requests]).toEqual([EXIT.error, []]);
    expect(err).toContain('the spec must name the tenant and the account');
  });
});

describe('offboard', () => {
  it('sends nothing without a yes where nobody can be asked', async () => {
    const { code, err, requests } = await run(['offboard', 'acme.support']);
    expect([code, requests]).toEqual([EXIT.error, []]);
    expect(err).toContain('say so by --yes');
  });

  it('asks for the removal, with its reason', async () => {
    const { code, out, requests } = await run(
      ['offboard', 'acme.support', '--yes', '--reason', 'contract ended'],
      answering(ACCEPTED),
    );
    expect(code).toBe(EXIT.done);
    expect(requests).toMatchObject([{ method: 'DELETE', path: '/v1/accounts/acme.support' }]);
    expect(requests[0]?.query.get('reason')).toBe('contract ended');
    expect(out).toContain('the offboarding accepted');
  });
});

describe('reconcile', () => {
  it('compares unless told otherwise', async () => {
    const { requests } = await run(['reconcile', 'acme.support'], answering(ACCEPTED));
    expect(requests).toMatchObject([
      { method: 'POST', path: '/v1/accounts/acme.support/reconcile', body: { mode: 'observe' } },
    ]);
  });

  it('repairs, secrets too where that is said, and prints what was answered', async () => {
    const args = ['reconcile', 'acme.support', '--mode', 'repair', '--rewrite-secrets', '--json'];
    const { out, requests } = await run(args, answering(ACCEPTED));
    expect(requests).toMatchObject([{ body: { mode: 'repair', rewriteSecrets: true } }]);
    expect(JSON.parse(out)).toEqual(ACCEPTED);
  });

  it('knows no other mode', async () => {
    const { code, err, requests } = await run(['reconcile', 'acme.support', '--mode', 'mend']);
    expect([code, requests]).toEqual([EXIT.error, []]);
    expect(err).toContain('observe, repair');
  });
});
