import { describe, expect, it } from 'vitest';

import { renderReport } from '#test/bench/figures.js';
import { busyMark } from '#test/bench/idle.js';
import { readOptions } from '#test/bench/options.js';
import { familyProcessorMs, processorMs } from '#test/bench/proc.js';

describe('the command line of the bench', () => {
  it.each([
    { reason: 'SQLite is what npm start runs on', args: [], store: 'sqlite' },
    { reason: 'the store that is named', args: ['--store', 'postgres'], store: 'postgres' },
  ])('$reason', ({ args, store }) => {
    expect(readOptions(args)?.store).toBe(store);
  });

  it('refuses a store that there is not', () => {
    expect(() => readOptions(['--store', 'mysql'])).toThrow(/^--store: must be sqlite or postgres\n/);
  });
});

describe('figures of a busy machine', () => {
  it.each([
    { reason: 'an idle machine is no reason for a mark', used: 0.08, mark: undefined },
    {
      reason: 'half of it in use',
      used: 0.5,
      mark: 'taken on a busy machine: 50 % of its processors were in use before',
    },
  ])('$reason', ({ used, mark }) => {
    expect(busyMark(used)).toBe(mark);
  });

  it('are told from others where they stand', () => {
    const report = { title: 'Lists', figures: [{ name: 'p50', value: 5, unit: 'ms' as const }], notes: [] };
    expect(renderReport(report)).not.toContain('!');
    expect(renderReport({ ...report, mark: 'taken on a busy machine' })).toMatch(
      /^Lists\n {2}! taken on a busy machine\n/,
    );
  });
});

describe.runIf(process.platform === 'linux')('processor time', () => {
  it('of a process with its children is at least its own', () => {
    const own = processorMs(process.pid) ?? 0;
    expect(own).toBeGreaterThan(0);
    expect(familyProcessorMs(process.pid)).toBeGreaterThanOrEqual(own);
  });
});
