import type { Progress, StepProgress } from '#libs/contracts/progress.js';

/** A progress for tests: a job that runs since noon, with what `changes` says. */
export function progressOf(changes: Partial<Progress> = {}): Progress {
  return {
    id: 'acme.support',
    runId: 'run-1',
    tenant: 'acme',
    account: 'support',
    chain: 'egain',
    kind: 'onboard',
    status: 'running',
    startedAt: '2026-01-01T12:00:00.000Z',
    updatedAt: '2026-01-01T12:00:05.000Z',
    closedAt: null,
    percent: 40,
    reason: null,
    waitingFor: null,
    steps: [],
    leftovers: [],
    links: { self: '/v1/onboardings/acme.support', events: '/v1/onboardings/acme.support/events', temporalUi: null },
    ...changes,
  };
}

/** A step for tests: done in two seconds, with what `changes` says. */
export function stepOf(key: string, changes: Partial<StepProgress> = {}): StepProgress {
  return {
    key,
    vendor: 'egain',
    resource: 'channel',
    title: key,
    status: 'done',
    origin: 'created',
    needs: [],
    externalId: '11111111-2222-3333-4444-555555555555',
    attempt: 1,
    startedAt: '2026-01-01T12:00:00.000Z',
    endedAt: '2026-01-01T12:00:02.000Z',
    lastError: null,
    ...changes,
  };
}
