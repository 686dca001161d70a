import { describe, expect, it } from 'vitest';

import type { NotificationProgress } from '#libs/contracts/notifications.js';

import { progressOf, stepOf } from '../testing/progress.fixture.js';
import { jobReport } from './job-report.js';

const now = Date.parse('2026-01-01T12:00:10.000Z');
const since = '2026-01-01T12:00:00.000Z';

function reportOf(changes: Parameters<typeof progressOf>[0], accepted: Parameters<typeof jobReport>[2] = null): string {
  const progress = progressOf({ steps: [stepOf('egain.bot')], ...changes });
  return jobReport(progress, { width: 200, now, paint: (_format, text) => text }, accepted).join('\n');
}

function notification(changes: Partial<NotificationProgress>): NotificationProgress {
  const fresh = { event: 'held', status: 'delivered', attempts: 1, lastError: null, id: 'msg_1' } as const;
  return { ...fresh, host: 'hub.acme.example', at: since, ...changes };
}

describe('jobReport', () => {
  it.each([
    {
      reason: 'a held job',
      changes: { status: 'held' as const, waitingFor: { kind: 'operator' as const, since } },
      commands: [
        "retry acme.support --reason '<why>'",
        "retry acme.support --reason '<why>' -f spec.yaml",
        "rollback acme.support --reason '<why>'",
      ],
    },
    {
      reason: 'leftovers',
      changes: { status: 'rollback-incomplete' as const, waitingFor: { kind: 'operator' as const, since } },
      commands: ["rollback acme.support --reason '<why>'", "accept-leftovers acme.support --reason '<why>'"],
    },
    {
      reason: 'a hand-off',
      changes: { status: 'waiting' as const, waitingFor: { kind: 'handoff' as const, since } },
      commands: ['handoff acme.support'],
    },
    { reason: 'a job that moves on by itself', changes: { status: 'running' as const }, commands: [] },
    { reason: 'a job that has ended', changes: { status: 'rolled-back' as const, closedAt: since }, commands: [] },
    {
      reason: 'leftovers that were accepted',
      changes: { status: 'rollback-incomplete' as const, closedAt: since },
      commands: [],
    },
  ])('ends with the commands that fit, as they can be pasted: $reason', ({ changes, commands }) => {
    const pasted = [...reportOf(changes).matchAll(/^ {2}npx gangway (.*)$/gm)].map(([, command]) => command);
    expect(pasted).toEqual(commands);
  });

  it('says that accepted leftovers need nobody any more, and who accepted them', () => {
    const changes = { status: 'rollback-incomplete' as const, closedAt: since };
    expect(reportOf(changes, { by: 'ci', reason: 'shared' })).toContain(
      'ended; leftovers accepted by ci (shared): let it be',
    );
    expect(reportOf(changes)).toContain('ended; leftovers accepted: let it be');
  });

  it('says where to read how an interrupted account is freed', () => {
    expect(reportOf({ status: 'interrupted', closedAt: since })).toContain('docs/operations.md, "Interrupted"');
  });

  it('answers whether the customer was told', () => {
    const fault = { code: 'RECEIVER_REFUSED', message: 'The receiver answers 500.', httpStatus: 500 } as const;
    const retryAt = '2026-01-01T12:00:50.000Z';
    const report = reportOf({
      notifications: [
        notification({}),
        notification({}),
        notification({ event: 'succeeded', status: 'retrying', attempts: 2, lastError: { ...fault, retryAt } }),
        notification({ event: 'rejected', status: 'failed', attempts: 5, lastError: { ...fault, retryAt: null } }),
        notification({ event: 'waiting', status: 'pending', attempts: 0 }),
      ],
    });
    expect(report).toContain('notification held to hub.acme.example: delivered (2 times)');
    expect(report).toContain(
      'notification succeeded to hub.acme.example: not delivered yet, after 2 tries, again in 40 s: RECEIVER_REFUSED',
    );
    expect(report).toContain(
      'notification rejected to hub.acme.example: NOT delivered, after 5 tries: RECEIVER_REFUSED',
    );
    expect(report).toContain('notification waiting to hub.acme.example: under way');
  });
});
