import { describe, expect, it } from 'vitest';

import { lastWords } from './log-text.js';

const record = (level: string, msg: string, more: object = {}): string =>
  JSON.stringify({ level, time: '2026-01-01T00:00:00Z', service: 'worker', msg, ...more });

describe('what a part said last', () => {
  it('is told as text, its warnings and errors before all else', () => {
    const lines = [
      record('error', 'the worker failed', { err: { type: 'Error', message: 'no connection', stack: 'Error\n at x' } }),
      record('warn', 'Activity failed', { activityType: 'egain.channel.ensure' }),
      ...Array.from({ length: 10 }, (_, i) => record('info', `draining ${String(i)}`)),
    ];
    expect(lastWords(lines, 5)).toEqual([
      'error: the worker failed: no connection',
      'warn: Activity failed (egain.channel.ensure)',
    ]);
  });

  it('is whatever came last where nothing went wrong', () => {
    expect(lastWords([record('info', 'one'), record('info', 'two')], 1)).toEqual(['info: two']);
  });

  it('keeps the message of an exception and drops its stack', () => {
    const lines = [
      '/app/x.js:3',
      '    throw new Error(1);',
      '    ^',
      '',
      'Error: no',
      '    at a (/b:1:2)',
      '',
      'Node.js v20',
    ];
    expect(lastWords(lines, 5)).toEqual(['/app/x.js:3', 'throw new Error(1);', 'Error: no']);
  });

  it('cuts what is endless and takes out what a terminal would act on', () => {
    const [line = ''] = lastWords([`\u001b[31m${'x'.repeat(10_000)}`], 5);
    expect(line).toMatch(/^x{299}…$/);
  });
});
