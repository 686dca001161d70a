import { describe, expect, it } from 'vitest';

import { progressOf, stepOf } from '../testing/progress.fixture.js';
import { stepTable } from './step-table.js';
import { visibleLength, type Paint } from './text.js';

const plain: Paint = (_format, text) => text;
const now = Date.parse('2026-01-01T12:00:10.000Z');

const steps = [
  stepOf('egain.authentication'),
  stepOf('egain.clientApplication', {
    status: 'retrying',
    origin: null,
    externalId: null,
    attempt: 3,
    endedAt: null,
    lastError: {
      code: 'VENDOR_UNAVAILABLE',
      message: 'eGain answers 503.',
      httpStatus: 503,
      vendorCode: null,
      retryAt: '2026-01-01T12:00:18.000Z',
    },
  }),
  stepOf('egain.channel.custom.acme', {
    status: 'pending',
    origin: null,
    externalId: null,
    startedAt: null,
    endedAt: null,
  }),
];

const MESSAGE =
  'eGain refuses what was to be created: a value is missing or wrong (create of account, HTTP 400). It says: The entry point is closed.';
const refused = {
  code: 'INVALID_REQUEST',
  message: MESSAGE,
  httpStatus: 400,
  vendorCode: '400-152',
  retryAt: null,
} as const;

describe('stepTable', () => {
  it('shows status, time, origin or attempt, id and the last error of each step', () => {
    const progress = progressOf({ steps, reason: 'eGain answers 503; trying again in 8 s (attempt 4)' });
    expect(stepTable(progress, { width: 120, now, paint: plain })).toEqual([
      'acme.support  onboard  running  40 %  10 s',
      'eGain answers 503; trying again in 8 s (attempt 4)',
      '✓ egain.authentication       done      2.0 s  created  11111111-2222-3333-4444-555555555555',
      '↻ egain.clientApplication    retrying   10 s  try 3',
      '    VENDOR_UNAVAILABLE: eGain answers 503. (again in 8.0 s, attempt 4)',
      '· egain.channel.custom.acme  pending',
    ]);
  });

  it('cuts nothing of what is printed once: it breaks texts, and puts ids below', () => {
    const failed = stepOf('egain.account.custom.acme', { status: 'failed', lastError: refused });
    const lines = stepTable(progressOf({ steps: [failed] }), { width: 60, now, paint: plain });
    expect(Math.max(...lines.map(visibleLength))).toBeLessThanOrEqual(60);
    expect(lines).toContain('    11111111-2222-3333-4444-555555555555');
    expect(joined(lines)).toContain(`INVALID_REQUEST: ${MESSAGE}`);
  });

  it('tells an error once, at its step', () => {
    const key = 'egain.account.custom.acme';
    const reason = `INVALID_REQUEST: ${MESSAGE}`;
    const progress = progressOf({
      status: 'rollback-incomplete',
      reason,
      steps: [stepOf(key, { status: 'undo-failed', lastError: refused })],
      leftovers: [{ key, externalId: 'abc', reason }],
      waitingFor: {
        kind: 'handoff',
        since: '2026-01-01T12:00:00.000Z',
        instruction: `Do it. It was wrong: ${MESSAGE}`,
      },
    });
    const text = joined(stepTable(progress, { width: 80, now, paint: plain }));
    expect(text.split('The entry point is closed.')).toHaveLength(2);
    expect(text).toContain(`left over: ${key} abc`);
    expect(text).toContain('waiting for a person: Do it. It was wrong (see above).');
  });

  it.each([
    { status: 'undone' as const, says: 'failed, nothing stands' },
    { status: 'kept' as const, says: 'failed, kept as it was' },
  ])('still says which step failed, and why, when it is $status', ({ status, says }) => {
    const table = stepTable(
      progressOf({
        status: 'rolled-back',
        steps: [stepOf('a', { status, lastError: refused }), stepOf('b', { status: 'undone' })],
      }),
      { width: 200, now, paint: plain },
    );
    expect(table[1]).toContain(`✗ a             ${says}`);
    expect(table[2]).toContain(MESSAGE);
    expect(table.at(-1)).toMatch(/^↩ b +undone +2\.0 s {2,}11111111-/);
  });

  it('tells what a step met with on its way', () => {
    const busy = stepOf('a', {
      attempt: 13,
      lastError: { ...refused, code: 'VENDOR_UNAVAILABLE', message: 'eGain answers 503.' },
    });
    expect(stepTable(progressOf({ steps: [busy] }), { width: 80, now, paint: plain })).toContain(
      '    at try 13; before that VENDOR_UNAVAILABLE: eGain answers 503.',
    );
  });

  it.each([24, 40, 60, 76, 100])('keeps every line of a view that is drawn anew within %i characters', (width) => {
    const waitingFor = {
      kind: 'operator' as const,
      since: '2026-01-01T12:00:00.000Z',
      instruction: 'Retry or roll back.',
    };
    const leftovers = [{ key: 'egain.account.sms', externalId: 'abc', reason: 'eGain refuses to delete it' }];
    const progress = progressOf({ steps, waitingFor, leftovers, reason: 'x'.repeat(200) });
    const lines = stepTable(progress, { width, height: 100, now, paint: plain });
    expect(Math.max(...lines.map(visibleLength))).toBeLessThanOrEqual(width);
    expect(lines.filter((line) => /done|retrying|pending/.test(line))).toHaveLength(3);
  });

  it('leaves out what is over and what has not begun when the screen is too low, and says how many', () => {
    const many = [
      ...Array.from({ length: 20 }, (_, n) => stepOf(`egain.done-${n}`)),
      ...steps,
      ...Array.from({ length: 20 }, (_, n) => stepOf(`egain.pending-${n}`, { status: 'pending' })),
    ];
    const lines = stepTable(progressOf({ steps: many }), { width: 80, height: 10, now, paint: plain });
    expect(lines.length).toBeLessThanOrEqual(10);
    expect(lines.join('\n')).toContain('egain.clientApplication');
    expect(lines.at(-1)).toMatch(/… \d+ more steps/);
  });

  it('tells what is waited for, and what is left over', () => {
    const progress = progressOf({
      status: 'rollback-incomplete',
      waitingFor: { kind: 'operator', since: '2026-01-01T12:00:00.000Z', who: 'ops', instruction: 'Roll back again.' },
      leftovers: [{ key: 'egain.account.sms', externalId: 'abc', reason: 'still referenced' }],
    });
    expect(stepTable(progress, { width: 120, now, paint: plain }).slice(1)).toEqual([
      'waiting for an operator (ops): Roll back again.',
      'left over: egain.account.sms abc: still referenced',
    ]);
  });

  it('lets no escape sequence of a vendor through to the terminal', () => {
    const hostile = stepOf('egain.orchestration', {
      status: 'failed',
      lastError: {
        code: 'INVALID_REQUEST',
        message: 'bad\u001b[31m name\u0007\r\nnext',
        httpStatus: 400,
        vendorCode: null,
        retryAt: null,
      },
    });
    const text = stepTable(progressOf({ steps: [hostile] }), { width: 120, now, paint: plain }).join('');
    expect(text).toContain('bad name next');
    expect(text).not.toContain('\u001b');
  });
});

/** The text of lines that were broken. */
function joined(lines: readonly string[]): string {
  return lines.map((line) => line.trim()).join(' ');
}
