import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FIRST, hashOf, auditText, type AuditEntry, type AuditFile, type AuditLine } from '#libs/audit/index.js';
import { AuditLog, type AuditEvent } from './audit-log.js';

const EVENT: AuditEvent = { route: 'GET /v1/onboardings', result: 'unauthorized', reason: 'unknown-key' };
let lines: AuditLine[];
let audit: AuditLog;

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-01-01T12:00:00.000Z') });
  lines = [];
  audit = new AuditLog({ log: (line) => lines.push(line), file: undefined });
});
afterEach(() => {
  vi.useRealTimers();
});

it('chains its lines also without a file', () => {
  audit.record({ ...EVENT, caller: 'ci', id: 'acme.a' });
  audit.record(EVENT);
  const [first, second] = lines;
  expect(first).toEqual({
    at: '2026-01-01T12:00:00.000Z',
    caller: 'ci',
    address: null,
    route: 'GET /v1/onboardings',
    id: 'acme.a',
    runId: null,
    result: 'unauthorized',
    reason: 'unknown-key',
    prev: FIRST,
  });
  expect(second?.prev).toBe(first && hashOf(auditText(first, FIRST)));
});

describe('refusals of nobody that is known', () => {
  const refuse = (count: number): void => {
    for (let i = 0; i < count; i += 1) audit.recordAnonymous(EVENT);
  };
  const summaries = (): (string | null)[] => lines.filter(({ route }) => route === '*').map(({ reason }) => reason);

  it('are written 100 times a second, and counted beyond', () => {
    refuse(5_000);
    expect(lines).toHaveLength(100);
    vi.advanceTimersByTime(1_000);
    expect(lines).toHaveLength(101);
    expect(summaries()).toEqual(['4900 more refusals were only counted']);
    refuse(100);
    expect(lines).toHaveLength(201);
    vi.advanceTimersByTime(5_000);
    expect(summaries()).toHaveLength(1);
  });

  it('are all told of when the process stops', () => {
    refuse(101);
    audit.close();
    expect(summaries()).toEqual(['1 more refusals were only counted']);
  });

  it('are counted on while the file takes nothing', () => {
    let full = true;
    const file = {
      append: (entry: AuditEntry) => {
        if (full && entry.route === '*') throw new Error('ENOSPC');
        return auditText(entry, FIRST);
      },
      close: () => undefined,
    } as unknown as AuditFile;
    audit = new AuditLog({ log: (line) => lines.push(line), file });
    refuse(150);
    vi.advanceTimersByTime(1_000);
    expect(summaries()).toEqual([]);
    full = false;
    refuse(1);
    expect(summaries()).toEqual(['50 more refusals were only counted']);
  });

  it('do not count against who is known', () => {
    refuse(200);
    for (let i = 0; i < 200; i += 1) audit.record({ ...EVENT, caller: 'ci' });
    expect(lines).toHaveLength(300);
  });
});
