import { describe, expect, it } from 'vitest';

import type { JobStatus, WaitKind } from '#libs/contracts/progress.js';

import { exitCodeOf, isSettled } from './exit-codes.js';
import { progressOf } from './testing/progress.fixture.js';

const at = '2026-01-01T12:00:00.000Z';

describe('exit codes', () => {
  it.each<{ status: JobStatus; kind?: WaitKind; closed?: boolean; code: number; settled: boolean; reason: string }>([
    { status: 'queued', code: 0, settled: false, reason: 'it will start by itself' },
    { status: 'running', code: 0, settled: false, reason: 'it is under way' },
    { status: 'running', kind: 'retry', code: 0, settled: false, reason: 'a retry needs nobody' },
    { status: 'waiting', kind: 'vendor', code: 0, settled: false, reason: 'the vendor gets there by itself' },
    { status: 'waiting', kind: 'handoff', code: 3, settled: true, reason: 'a person has to act' },
    { status: 'rolling-back', code: 0, settled: false, reason: 'the undo is under way' },
    { status: 'rolling-back', kind: 'handoff', code: 3, settled: true, reason: 'an undo can need a person too' },
    { status: 'held', kind: 'operator', code: 3, settled: true, reason: 'an operator has to decide' },
    { status: 'succeeded', closed: true, code: 0, settled: true, reason: 'done' },
    { status: 'rolled-back', closed: true, code: 4, settled: true, reason: 'undone' },
    { status: 'cancelled', closed: true, code: 4, settled: true, reason: 'undone on request' },
    { status: 'rejected', closed: true, code: 4, settled: true, reason: 'undone after a refusal' },
    { status: 'rollback-incomplete', code: 5, settled: true, reason: 'parked with leftovers' },
    { status: 'rollback-incomplete', closed: true, code: 5, settled: true, reason: 'leftovers were accepted' },
    { status: 'interrupted', code: 5, settled: true, reason: 'somebody terminated it' },
  ])('$status $kind ends with $code: $reason', ({ status, kind, closed, code, settled }) => {
    const waitingFor = kind === undefined ? null : { kind, since: at };
    const progress = progressOf({ status, waitingFor, closedAt: closed === true ? at : null });
    expect(exitCodeOf(progress)).toBe(code);
    expect(isSettled(progress)).toBe(settled);
  });
});
