import { describe, expect, it } from 'vitest';
import { periodOf, reconciliationSchema, ruleOf, scheduleSchema } from './reconciliation.schema.js';

interface Told {
  path: string;
  message: string;
}

/** What a schema says of a value, by field; unknown fields by the line that is theirs. */
function told(schema: typeof scheduleSchema | typeof reconciliationSchema, value: unknown): Told[] {
  const issues = schema.safeParse(value).error?.issues ?? [];
  return issues.flatMap((issue) => {
    const path = issue.path.map(String).join('/');
    if (issue.code !== 'unrecognized_keys') return [{ path, message: issue.message }];
    const lines = issue.message.split('\n');
    return issue.keys.map((key, index) => ({ path: key, message: lines[index] ?? '' }));
  });
}

const nightly = { cron: '30 3 * * *', mode: 'observe' };

describe('a run', () => {
  it.each([
    { body: { mode: 'observe' }, reason: 'over everything' },
    { body: { mode: 'repair', tenant: 'acme', chain: 'egain', removeOrphans: true }, reason: 'with removals' },
    { body: { mode: 'repair', from: 'adhoc.6f1c0b1e-0000-4000-8000-000000000000' }, reason: 'of an approved run' },
    { body: { mode: 'repair', from: 'nightly-2026-11-21T09:37:54Z' }, reason: 'of a scheduled run' },
    {
      body: { mode: 'repair', maxRepairs: 0, maxRemovals: 0, stopShare: 1, stopCount: 1 },
      reason: 'limits at their ends',
    },
    { body: { mode: 'observe', removeOrphans: false }, reason: 'removal that is expressly not wanted' },
  ])('takes a body $reason', ({ body }) => {
    expect(told(reconciliationSchema, body)).toEqual([]);
  });

  it.each([
    { body: {}, path: 'mode', says: 'is missing: give observe or repair' },
    { body: { mode: 'mend' }, path: 'mode', says: 'must be observe or repair' },
    { body: { mode: 'observe', removeOrphans: true }, path: 'removeOrphans', says: 'needs mode repair' },
    { body: { mode: 'observe', from: 'adhoc.1' }, path: 'from', says: 'needs mode repair' },
    { body: { mode: 'repair', from: 'adhoc.1', tenant: 'acme' }, path: 'tenant', says: 'must not stand beside from' },
    { body: { mode: 'repair', from: 'adhoc.1', chain: 'egain' }, path: 'chain', says: 'must not stand beside from' },
    { body: { mode: 'repair', from: 'a b' }, path: 'from', says: 'must be the id of a run' },
    { body: { mode: 'repair', from: 7 }, path: 'from', says: 'must be a text' },
    { body: { mode: 'repair', tenant: 'Acme' }, path: 'tenant', says: 'lower-case' },
    { body: { mode: 'repair', chain: 'sinch' }, path: 'chain', says: 'must be one of egain, liveperson' },
    { body: { mode: 'repair', maxRepairs: -1 }, path: 'maxRepairs', says: 'at least 0' },
    { body: { mode: 'repair', maxRepairs: 1.5 }, path: 'maxRepairs', says: 'whole number' },
    { body: { mode: 'repair', maxRemovals: 1e9 }, path: 'maxRemovals', says: 'at most 100000' },
    { body: { mode: 'repair', stopShare: 0 }, path: 'stopShare', says: 'above 0' },
    { body: { mode: 'repair', stopShare: 1.1 }, path: 'stopShare', says: 'at most 1' },
    { body: { mode: 'repair', stopCount: 0 }, path: 'stopCount', says: 'at least 1' },
    { body: { mode: 'repair', removeOrphan: true }, path: 'removeOrphan', says: 'did you mean removeOrphans?' },
    { body: { mode: 'repair', cron: '* * * * *' }, path: 'cron', says: 'is not a known field' },
    { body: 'observe', path: '', says: 'must be an object' },
    { body: null, path: '', says: 'must be an object' },
  ])('refuses $body at $path', ({ body, path, says }) => {
    expect(told(reconciliationSchema, body)).toEqual([{ path, message: expect.stringContaining(says) as string }]);
  });

  it('tells everything at once, rules across fields too', () => {
    const body = {
      mode: 'observe',
      from: 'adhoc.1',
      tenant: 'A',
      chain: 'x',
      removeOrphans: true,
      stopShare: 2,
      foo: 1,
    };
    const paths = told(reconciliationSchema, body).map(({ path }) => path);
    expect(new Set(paths)).toEqual(new Set(['from', 'tenant', 'chain', 'removeOrphans', 'stopShare', 'foo']));
  });
});

describe('a schedule', () => {
  it.each([
    { body: nightly, reason: 'by cron' },
    { body: { every: '6h', mode: 'repair' }, reason: 'by period' },
    { body: { every: 'PT1S', mode: 'observe' }, reason: 'of the shortest period' },
    { body: { every: '365d', mode: 'observe' }, reason: 'of the longest period' },
    { body: { ...nightly, timezone: 'Europe/Berlin', jitter: '30m', paused: true, tenant: 'acme' }, reason: 'in full' },
    { body: { ...nightly, jitter: '23h' }, reason: 'jitter just below the period' },
  ])('is taken $reason', ({ body }) => {
    expect(told(scheduleSchema, body)).toEqual([]);
  });

  it.each([
    { body: { mode: 'observe' }, path: 'cron', says: 'give cron ("30 3 * * *") or every ("6h")' },
    { body: { ...nightly, every: '6h' }, path: 'every', says: 'must not stand beside cron' },
    { body: { ...nightly, cron: '30 3 * *' }, path: 'cron', says: 'has 4' },
    { body: { ...nightly, cron: '0 30 3 * * *' }, path: 'cron', says: 'has 6' },
    { body: { ...nightly, cron: '@daily' }, path: 'cron', says: 'write "0 0 * * *"' },
    { body: { ...nightly, cron: 'TZ=UTC 30 3 * * *' }, path: 'cron', says: 'give it as timezone' },
    { body: { ...nightly, cron: '0 0 30 2 *' }, path: 'cron', says: 'never comes' },
    { body: { ...nightly, cron: 5 }, path: 'cron', says: 'must be a text' },
    { body: { ...nightly, timezone: 'Berlin' }, path: 'timezone', says: 'IANA name' },
    { body: { ...nightly, timezone: 'UTC+2' }, path: 'timezone', says: 'IANA name' },
    { body: { ...nightly, jitter: '24h' }, path: 'jitter', says: 'shorter than the shortest time' },
    { body: { ...nightly, jitter: '0s' }, path: 'jitter', says: 'longer than 0' },
    { body: { ...nightly, jitter: '-5m' }, path: 'jitter', says: 'longer than 0' },
    { body: { every: '10m', jitter: '10m', mode: 'observe' }, path: 'jitter', says: 'shorter than' },
    { body: { every: '0s', mode: 'observe' }, path: 'every', says: 'longer than 0' },
    { body: { every: '-1h', mode: 'observe' }, path: 'every', says: 'longer than 0' },
    { body: { every: '500ms', mode: 'observe' }, path: 'every', says: 'at least 1s' },
    { body: { every: '1500ms', mode: 'observe' }, path: 'every', says: 'whole number of seconds' },
    { body: { every: '366d', mode: 'observe' }, path: 'every', says: 'at most 365d' },
    { body: { every: 'hourly', mode: 'observe' }, path: 'every', says: 'must be a duration' },
    { body: { ...nightly, removeOrphans: true }, path: 'removeOrphans', says: 'needs mode repair' },
    { body: { ...nightly, paused: 'yes' }, path: 'paused', says: 'must be true or false' },
    { body: { ...nightly, stopShare: 0.5 }, path: 'stopShare', says: 'belongs to one run' },
    { body: { ...nightly, stopCount: 5 }, path: 'stopCount', says: 'belongs to one run' },
    { body: { ...nightly, from: 'adhoc.1' }, path: 'from', says: 'belongs to one run' },
    { body: { ...nightly, timeZone: 'UTC' }, path: 'timeZone', says: 'did you mean timezone?' },
  ])('is refused for $body at $path', ({ body, path, says }) => {
    expect(told(scheduleSchema, body)).toEqual([{ path, message: expect.stringContaining(says) as string }]);
  });

  it('tells everything at once', () => {
    const body = {
      cron: '60 24 * * *',
      every: '0s',
      timezone: 'x',
      jitter: '-1s',
      removeOrphans: true,
      mode: 'observe',
      foo: 1,
    };
    const paths = told(scheduleSchema, body).map(({ path }) => path);
    expect(paths.sort()).toEqual(['cron', 'cron', 'every', 'every', 'foo', 'jitter', 'removeOrphans', 'timezone']);
  });
});

describe('ruleOf', () => {
  it('counts cron in UTC unless told otherwise, and has the shortest period', () => {
    const rule = ruleOf({ cron: '0,20 * * * *' });
    expect(rule).toMatchObject({ timezone: 'UTC' });
    expect(periodOf(rule)).toBe(20 * 60_000);
    expect(ruleOf({ every: '90s' })).toEqual({ everyMs: 90_000, timezone: null });
  });
});
