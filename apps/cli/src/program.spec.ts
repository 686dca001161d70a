import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { answerJson, eventText, type FakeHandler } from './testing/fake-api.fixture.js';
import { progressOf, stepOf } from './testing/progress.fixture.js';
import { runWith as run } from './testing/run-cli.fixture.js';

const spec = 'tenant: acme\naccount: support\nchain: egain\n';
const closedAt = '2026-01-01T12:01:00.000Z';
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'gangway-cli-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Answers a plan with these actions, and with what else is given. */
function planWith(actions: readonly string[], more: object = {}): FakeHandler {
  const nodes = actions.map((action, n) => ({
    key: `egain.node-${n}`,
    vendor: 'egain',
    needs: [],
    action,
    reason: 'why',
    changes: [],
  }));
  const conflicts = nodes
    .filter(({ action }) => action === 'conflict')
    .map(({ key, reason }) => ({ key, reason, externalId: 'abc' }));
  const plan = {
    id: 'acme.support',
    kind: 'onboard',
    planHash: 'abc',
    baseSpecHash: null,
    nodes,
    removals: [],
    undo: ['egain.node-0'],
    undoLeadsTo: 'nothing',
    conflicts,
    warnings: [],
    ...more,
  };
  return (_request, response) => answerJson(response, 200, plan);
}

/** A job that ends with `status` as soon as its events are read. */
function jobThatEnds(status: 'succeeded' | 'rolled-back' | 'held'): FakeHandler {
  const progress = progressOf({
    status,
    closedAt: status === 'held' ? null : closedAt,
    steps: [stepOf('egain.authentication')],
  });
  return (request, response) => {
    if (request.method === 'POST') {
      answerJson(response, 202, { id: 'acme.support', runId: 'run-1', status: 'queued', commandId: 'c-1' });
      return;
    }
    if (!request.path.endsWith('/events')) {
      answerJson(response, 200, progress);
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const at = '2026-01-01T12:00:30.000Z';
    response.write(eventText('status', { seq: 8, at, message: `is ${status}` }, 'run-1:8'));
    if (status !== 'held') response.end(eventText('closed', { seq: 9, at, message: 'ended' }, 'run-1:9'));
  };
}

describe('usage', () => {
  it.each([
    { args: ['fly'], says: 'unknown command' },
    { args: ['plan'], says: '--file' },
    { args: ['cancel', 'acme.support'], says: '--reason' },
    { args: ['status'], says: 'missing required argument' },
    { args: ['list', '--limit', 'many'], says: 'whole number' },
    { args: ['list', '--status', 'great'], says: 'rolled-back' },
    { args: ['onboard', '-f', 'does-not-exist.yaml'], says: 'does-not-exist.yaml' },
  ])('$args is told and ends with 1', async ({ args, says }) => {
    const { code, err } = await run(args);
    expect(code).toBe(1);
    expect(err).toContain(says);
  });

  it('explains itself', async () => {
    const { code, out } = await run(['--help']);
    expect(code).toBe(0);
    for (const word of ['accept-leftovers', 'GANGWAY_TOKEN', 'GANGWAY_PORT', 'GANGWAY_DATA_DIR', 'npx gangway']) {
      expect(out).toContain(word);
    }
    for (const word of ['amend', 'offboard', 'reconcile']) expect(out).toContain(word);
  });

  it('tells its version', async () => {
    expect(await run(['--version'])).toMatchObject({ code: 0, out: '0.1.0\n' });
  });

  it.each([
    { id: 'ACME.Support', says: 'acme.support ?' },
    { id: 'acme', says: 'a dot and its name' },
  ])('tells that $id cannot be an id, without a call', async ({ id, says }) => {
    const { code, err, requests } = await run(['status', id]);
    expect([code, requests]).toEqual([1, []]);
    expect(err).toContain(says);
  });

  it.each([
    { content: 'a: [', says: 'line 1: not valid YAML' },
    { content: '- one\n- two\n', says: 'must hold an object' },
  ])('a spec file that is none is told: $says', async ({ content, says }) => {
    const file = path.join(folder, 'spec.yaml');
    writeFileSync(file, content);
    const { code, err } = await run(['plan', '-f', file]);
    expect(code).toBe(1);
    expect(err).toContain(says);
    expect(err).toContain(file);
  });
});

describe('calls', () => {
  it.each([
    { actions: ['create', 'unchanged'], code: 2, reason: 'something would change' },
    { actions: ['unchanged', 'shared'], code: 0, reason: 'shared objects are used as they are' },
    { actions: ['wait'], code: 0, reason: 'a condition is waited for and nothing is changed' },
    { actions: ['create', 'conflict'], code: 1, reason: 'a job would end in the conflict' },
    { actions: ['update'], more: { kind: 'amend' }, code: 2, reason: 'an amendment would change something' },
    { actions: ['unchanged'], more: { kind: 'amend' }, code: 0, reason: 'the account stands as it should' },
    {
      actions: ['unchanged'],
      more: { kind: 'amend', removals: [{ key: 'egain.node-1', externalId: 'a', action: 'remove', reason: 'ours' }] },
      code: 2,
      reason: 'something would be removed',
    },
    {
      actions: ['unchanged'],
      more: { kind: 'amend', removals: [{ key: 'egain.node-1', externalId: 'a', action: 'keep', reason: 'shared' }] },
      code: 0,
      reason: 'what the spec no longer has stays',
    },
    {
      actions: ['unchanged'],
      more: { kind: 'amend', removals: [{ key: 'egain.node-1', externalId: null, action: null, reason: 'dropped' }] },
      code: 2,
      reason: 'what the spec no longer has goes, though nobody has looked',
    },
  ])('plan ends with $code: $reason', async ({ actions, more, code }) => {
    const answer = await run(['plan', '-f', '-'], planWith(actions, more), { stdin: spec });
    expect(answer.code).toBe(code);
    expect(answer.out).toContain('plan hash: abc');
    expect(answer.out).toContain(actions.length === 1 ? '1 node: ' : `${String(actions.length)} nodes: `);
    expect(answer.requests[0]).toMatchObject({
      method: 'POST',
      path: '/v1/plans',
      body: { tenant: 'acme', account: 'support', chain: 'egain' },
      headers: { authorization: 'Bearer gwk_test' },
    });
  });

  it('plan reads on where the vendors take long, and tells how far it is', async () => {
    const states = [
      { pages: 0, of: null },
      { pages: 12, of: 134 },
    ];
    const plans = planWith(['create']);
    const { code, out, err, requests } = await run(
      ['plan', '-f', '-'],
      (request, response) => {
        const state = request.path.startsWith('/v1/plans') ? states.shift() : undefined;
        if (state) answerJson(response, 202, { id: 'a-plan', ...state, links: { self: '/v1/plans/a-plan' } });
        else plans({ ...request, path: request.path.replace('/a-plan', '') }, response);
      },
      { stdin: spec },
    );
    expect(code).toBe(2);
    expect(out).toContain('plan hash: abc');
    expect(err).toContain("reading the vendors' lists ...\n");
    const asked = requests.filter(({ path }) => path.startsWith('/v1/plans'));
    expect(asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /v1/plans',
      'GET /v1/plans/a-plan',
      'GET /v1/plans/a-plan',
    ]);
  });

  it('plan says a conflict once, in words', async () => {
    const conflict = await run(['plan', '-f', '-'], planWith(['conflict']), { stdin: spec });
    expect(conflict.out).toContain('1 conflict: egain.node-0 (abc). A job would end without writing anything.');
    expect(conflict.out).not.toContain('{');
    expect(conflict.out.match(/why/g)).toHaveLength(1);
  });

  it('sends the plan’s hash and the idempotency key with a start', async () => {
    const args = ['onboard', '-f', '-', '--plan-hash', 'abc', '--idempotency-key', 'key-1'];
    const { code, out, requests } = await run(args, jobThatEnds('succeeded'), { stdin: '{ "tenant": "acme" }' });
    expect(code).toBe(0);
    expect(out).toContain('acme.support: run run-1 accepted (queued)');
    expect(requests[0]).toMatchObject({
      body: { tenant: 'acme', planHash: 'abc' },
      headers: { 'idempotency-key': 'key-1' },
    });
  });

  it.each([
    { status: 'succeeded' as const, code: 0 },
    { status: 'rolled-back' as const, code: 4 },
    { status: 'held' as const, code: 3 },
  ])('onboard --wait of a job that is $status in the end ends with $code', async ({ status, code }) => {
    const answer = await run(['onboard', '-f', '-', '--wait'], jobThatEnds(status), { stdin: spec });
    expect(answer.code).toBe(code);
    expect(answer.out).toContain(`onboard  ${status}`);
  });

  it('prints nothing but the last progress with --wait --json', async () => {
    const { out } = await run(['onboard', '-f', '-', '--wait', '--json'], jobThatEnds('succeeded'), { stdin: spec });
    expect(JSON.parse(out)).toMatchObject({ id: 'acme.support', status: 'succeeded' });
  });

  it('prints one line of JSON per event with watch --json', async () => {
    const { out, code } = await run(['watch', 'acme.support', '--json'], jobThatEnds('rolled-back'));
    expect(code).toBe(4);
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { event: string });
    expect(lines.map((line) => line.event)).toEqual(['status', 'closed']);
  });

  it('sends a command with its reason to the run that was named', async () => {
    const args = ['cancel', 'acme.support', '--reason', 'wrong number', '--run-id', 'run-1', '--wait'];
    const { code, requests } = await run(args, jobThatEnds('rolled-back'));
    expect(code).toBe(4);
    const command = requests.find((request) => request.method === 'POST');
    expect(command).toMatchObject({ path: '/v1/onboardings/acme.support/cancel', body: { reason: 'wrong number' } });
    expect(command?.query.get('runId')).toBe('run-1');
  });

  it('retries with a corrected spec', async () => {
    const args = ['retry', 'acme.support', '--reason', 'fixed', '-f', '-'];
    const { requests } = await run(args, jobThatEnds('held'), { stdin: spec });
    expect(requests[0]).toMatchObject({
      path: '/v1/onboardings/acme.support/retry',
      body: { reason: 'fixed', spec: { tenant: 'acme', account: 'support', chain: 'egain' } },
    });
  });

  it('reads a list page by page up to the limit', async () => {
    const item = (n: number): object => ({
      id: `acme.a${n}`,
      runId: `run-${n}`,
      status: 'waiting',
      waitingFor: { kind: 'vendor' },
      step: 'sinch.channels',
      errorCode: null,
      startedAt: '2026-01-01T12:00:00.000Z',
    });
    const { code, out, requests } = await run(['list', '--tenant', 'acme', '--limit', '3'], (request, response) =>
      request.query.get('cursor') === null
        ? answerJson(response, 200, { items: [item(1), item(2)], nextCursor: 'next' })
        : answerJson(response, 200, { items: [item(3)], nextCursor: 'more' }),
    );
    expect(code).toBe(0);
    expect(out).toMatch(/acme\.a1 +waiting \(vendor\) +sinch\.channels/);
    expect(out.match(/acme\.a\d/g)).toEqual(['acme.a1', 'acme.a2', 'acme.a3']);
    expect(requests.map((request) => request.query.get('limit'))).toEqual(['3', '1']);
    expect(requests[1]?.query.get('tenant')).toBe('acme');
  });

  it('ends with 2 when an account has drifted', async () => {
    const drift = [{ key: 'egain.channel.sms', kind: 'changed', fields: [{ path: '/displayName' }] }];
    const { code, out } = await run(['accounts', 'acme.support'], (_request, response) =>
      answerJson(response, 200, {
        id: 'acme.support',
        chain: 'egain',
        state: 'live',
        resources: [],
        lastOperation: null,
        lastReconciliation: null,
        reconciliation: null,
        drift,
      }),
    );
    expect(code).toBe(2);
    expect(out).toContain('drift: egain.channel.sms changed: /displayName');
  });
});
