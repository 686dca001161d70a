import { describe, expect, it } from 'vitest';

import { NO_COUNTS, type FleetReport } from '#libs/contracts/fleet.js';

import { EXIT } from '../exit-codes.js';
import { answerJson, type FakeHandler } from '../testing/fake-api.fixture.js';
import { runWith as run } from '../testing/run-cli.fixture.js';

const ID = 'nightly-2026-11-21T03:30:00Z';

function reportOf(changes: Partial<FleetReport> = {}): FleetReport {
  return {
    ...{ id: ID, schedule: 'nightly', by: 'ci', mode: 'observe', tenant: null, chain: null, status: 'completed' },
    ...{ startedAt: '2026-11-21T03:30:00.000Z', closedAt: '2026-11-21T03:31:00.000Z', counts: { ...NO_COUNTS } },
    ...{ connections: [], items: [], orphans: [], truncated: false, stopped: null, vendorCalls: 0 },
    ...changes,
  };
}

const drifted = reportOf({
  counts: { ...NO_COUNTS, accounts: 3, inSync: 2, drifted: 1 },
  connections: [
    { connection: 'egain/main', status: 'read', reason: null, accounts: 3, objects: 21, vendorCalls: 7 },
    {
      connection: 'sinch/eu',
      status: 'unreadable',
      reason: 'nobody serves it',
      accounts: 1,
      objects: 0,
      vendorCalls: 0,
    },
  ],
  items: [
    {
      ...{ id: 'acme.support', key: 'egain.channel.custom.acme', kind: 'changed', outcome: 'noted', reason: null },
      fields: [{ path: 'displayName', expected: 'A', seen: '\u001b[31mB' }],
    },
  ],
});

/** Answers a start, and then each look at the run with the next of these. */
function answering(reports: readonly FleetReport[]): FakeHandler {
  const left = [...reports];
  return ({ method }, response) => {
    if (method === 'POST') answerJson(response, 202, { id: ID, links: {} });
    else answerJson(response, 200, left.length > 1 ? left.shift() : left[0]);
  };
}

describe('reconcile --all', () => {
  it('starts a run within bounds, and says where to see it', async () => {
    const args = ['reconcile', '--all', '--mode', 'repair', '--tenant', 'acme', '--chain', 'egain', '--remove-orphans'];
    const { code, out, err, requests } = await run([...args, '--max-repairs', '0'], answering([reportOf()]));
    expect(requests).toMatchObject([
      {
        method: 'POST',
        path: '/v1/reconciliations',
        body: { mode: 'repair', tenant: 'acme', chain: 'egain', removeOrphans: true, maxRepairs: 0 },
      },
    ]);
    expect([code, out]).toEqual([EXIT.done, `${ID}: accepted\n`]);
    expect(err).toContain(`npx gangway reconciliations ${ID}`);
  });

  it('repairs what an observe run has found', async () => {
    const { requests } = await run(['reconcile', '--all', '--mode', 'repair', '--from', ID], answering([reportOf()]));
    expect(requests[0]?.body).toEqual({ mode: 'repair', from: ID });
  });

  it('follows a run to its end with --wait: its progress beside the answer, then the report', async () => {
    const reading = { resource: 'channel', pages: 2, objects: 150 };
    const underWay = reportOf({
      status: 'running',
      closedAt: null,
      connections: [
        { connection: 'egain/main', status: 'reading', reason: null, accounts: 0, objects: 0, vendorCalls: 0 },
      ],
    });
    const connections = underWay.connections.map((each) => ({ ...each, reading }));
    const { code, out, err, requests } = await run(
      ['reconcile', '--all', '--wait'],
      answering([{ ...underWay, connections }, drifted]),
    );
    expect(err).toContain(`${ID}: 0 of 1 connection read; egain/main: channel, 2 pages, 150 objects`);
    expect(out).toContain('acme.support  egain.channel.custom.acme  changed  noted    displayName');
    expect(out).toContain(`npx gangway reconcile --all --mode repair --from ${ID} --wait`);
    expect(code, 'drift was found').toBe(EXIT.differs);
    expect(requests.slice(1).every(({ path }) => path === `/v1/reconciliations/${ID}`)).toBe(true);
  });

  it('prints the report alone as JSON', async () => {
    const { out, code } = await run(['reconcile', '--all', '--wait', '--json'], answering([reportOf()]));
    expect([code, JSON.parse(out)]).toEqual([EXIT.done, reportOf()]);
  });

  it.each([
    { args: ['reconcile'], says: 'give --all', reason: 'neither' },
    { args: ['reconcile', 'acme.support', '--all'], says: 'not both', reason: 'both' },
    {
      args: ['reconcile', 'acme.support', '--tenant', 'acme'],
      says: '--tenant: only with --all',
      reason: 'a bound of many',
    },
    { args: ['reconcile', '--all', '--rewrite-secrets'], says: 'for one account', reason: 'what is for one' },
    { args: ['reconcile', '--all', '--max-repairs', '-1'], says: 'whole number from 0', reason: 'a negative number' },
  ])('sends nothing for $args: $reason', async ({ args, says }) => {
    const { code, err, requests } = await run(args);
    expect([code, requests]).toEqual([EXIT.error, []]);
    expect(err).toContain(says);
  });
});

describe('reconciliations', () => {
  it.each<{ report: FleetReport; code: number; reason: string }>([
    { report: reportOf(), code: EXIT.done, reason: 'all is as it should be' },
    { report: drifted, code: EXIT.differs, reason: 'drift is left' },
    {
      report: reportOf({ mode: 'repair', counts: { ...NO_COUNTS, accounts: 1, drifted: 1, repaired: 1 } }),
      code: EXIT.done,
      reason: 'all of it was repaired',
    },
    { report: reportOf({ counts: { ...NO_COUNTS, orphans: 1 } }), code: EXIT.differs, reason: 'an orphan stands' },
    {
      report: reportOf({
        status: 'stopped',
        stopped: { rule: 'share', connection: 'egain/main', detail: 'Too many.' },
      }),
      code: EXIT.differs,
      reason: 'a rule has stopped it',
    },
    { report: reportOf({ status: 'failed' }), code: EXIT.error, reason: 'a connection could not be read' },
    { report: reportOf({ status: 'running', closedAt: null }), code: EXIT.done, reason: 'it is under way' },
  ])('ends with $code when $reason', async ({ report, code }) => {
    const { code: ended, requests } = await run(['reconciliations', ID], answering([report]));
    expect([ended, requests[0]?.path]).toEqual([code, `/v1/reconciliations/${ID}`]);
  });

  it('shows what a run has seen, and why it went no further, safe for a terminal', async () => {
    const stopped = {
      rule: 'emptied' as const,
      connection: 'egain/main',
      detail: 'No channel of 2 accounts\u0007stands.',
    };
    const { out } = await run(['reconciliations', ID], answering([{ ...drifted, status: 'stopped', stopped }]));
    expect(out).toContain('stopped by the rule emptied on egain/main: No channel of 2 accounts stands.');
    expect(out).toContain('3 accounts: 2 in sync, 1 drifted');
    expect(out).toMatch(/sinch\/eu +unreadable +1 +0 +0 +nobody serves it/);
    // eslint-disable-next-line no-control-regex -- none may be left
    expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });

  it('lists runs as asked for', async () => {
    const item = { ...reportOf({ status: 'stopped' }), stopped: { rule: 'share', connection: 'x', detail: 'y' } };
    const { out, requests, code } = await run(
      ['reconciliations', '--schedule', 'nightly', '--status', 'stopped'],
      (_request, response) => answerJson(response, 200, { items: [item], nextCursor: null }),
    );
    expect(Object.fromEntries(requests[0]?.query ?? [])).toEqual({
      schedule: 'nightly',
      status: 'stopped',
      limit: '100',
    });
    expect(out).toContain('stopped (share)');
    expect(code).toBe(EXIT.done);
  });
});

describe('schedules', () => {
  const schedule = {
    ...{ name: 'nightly', cron: '30 3 * * *', timezone: 'Europe/Berlin', jitter: '5m', mode: 'repair', tenant: 'acme' },
    ...{
      chain: null,
      paused: false,
      removeOrphans: true,
      maxRepairs: 5,
      by: 'ci',
      changedAt: '2026-01-01T00:00:00.000Z',
    },
    nextRuns: ['2026-01-02T02:30:00.000Z'],
    lastRuns: [
      { id: ID, status: 'completed', startedAt: '2026-01-01T02:30:00.000Z', closedAt: '2026-01-01T02:31:00.000Z' },
    ],
    ...{ skippedOverlap: 2, missedCatchup: 0, overdue: false },
    warnings: [{ pointer: '/cron', message: '02:30 comes twice' }],
  };
  const answer: FakeHandler = ({ method }, response) => {
    if (method === 'DELETE') response.writeHead(204).end();
    else answerJson(response, 200, schedule);
  };

  it('shows one with its runs and what is worth knowing', async () => {
    const { out, code } = await run(['schedules', 'nightly'], answer);
    expect(out).toContain('nightly  30 3 * * * (Europe/Berlin), up to 5m later');
    expect(out).toContain('repair; tenant acme; removes orphans; at most 5 repairs');
    expect(out).toContain('skipped while a run was under way: 2');
    expect(out).toContain('warning: /cron: 02:30 comes twice');
    expect(out).toContain(`${ID}  completed`);
    expect(code).toBe(EXIT.done);
  });

  it('ends with 2 when one is overdue', async () => {
    const overdue: FakeHandler = (_request, response) => answerJson(response, 200, { ...schedule, overdue: true });
    expect((await run(['schedules', 'nightly'], overdue)).code).toBe(EXIT.differs);
  });

  it('sets one as a whole, observing unless told otherwise', async () => {
    const { requests } = await run(
      ['schedules', 'nightly', '--every', '6h', '--tenant', 'acme', '--jitter', '5m'],
      answer,
    );
    expect(requests).toMatchObject([
      {
        method: 'PUT',
        path: '/v1/reconciliation-schedules/nightly',
        body: { every: '6h', tenant: 'acme', jitter: '5m', mode: 'observe' },
      },
    ]);
  });

  it.each([
    { flag: '--pause', paused: true },
    { flag: '--resume', paused: false },
  ])('leaves all else of one as it is: $flag', async ({ flag, paused }) => {
    const { requests } = await run(['schedules', 'nightly', flag], answer);
    expect(requests.map(({ method }) => method)).toEqual(['GET', 'PUT']);
    expect(requests[1]?.body).toEqual({
      ...{ cron: '30 3 * * *', timezone: 'Europe/Berlin', jitter: '5m', mode: 'repair', tenant: 'acme' },
      ...{ removeOrphans: true, maxRepairs: 5, paused },
    });
  });

  it('takes one away', async () => {
    const { out, code, requests } = await run(['schedules', 'nightly', '--delete'], answer);
    expect(requests).toMatchObject([{ method: 'DELETE', path: '/v1/reconciliation-schedules/nightly' }]);
    expect([code, out]).toEqual([EXIT.done, 'nightly: taken away; a run under way goes on\n']);
  });

  it('lists them', async () => {
    const item = { ...schedule, paused: true, nextRun: null };
    const { out } = await run(['schedules'], (_request, response) =>
      answerJson(response, 200, { items: [item], nextCursor: null }),
    );
    expect(out).toMatch(/nightly +30 3 \* \* \* +Europe\/Berlin +repair +acme +paused/);
  });

  it.each([
    { args: ['schedules', '--every', '6h'], says: 'name the schedule' },
    { args: ['schedules', 'nightly', '--pause', '--delete'], says: 'give one thing to do' },
    { args: ['schedules', 'nightly', '--pause', '--every', '6h'], says: 'give one thing to do' },
  ])('sends nothing for $args', async ({ args, says }) => {
    const { code, err, requests } = await run(args);
    expect([code, requests]).toEqual([EXIT.error, []]);
    expect(err).toContain(says);
  });
});
