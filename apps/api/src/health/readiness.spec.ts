import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Engine } from '#libs/history/engine.js';
import { EngineUnavailable } from '#libs/temporal/client.js';
import { Readiness } from './readiness.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('asks Temporal once a second, however often it is asked itself', async () => {
  let calls = 0;
  let away = false;
  const notFound = Object.assign(new Error('not found'), { code: 5, details: '', metadata: {} });
  const describeWorkflowExecution = (): Promise<object> => {
    calls += 1;
    return Promise.reject(away ? new EngineUnavailable('Temporal is away') : notFound);
  };
  const call = (run: () => unknown): unknown => run();
  const engine = { call, service: { describeWorkflowExecution }, namespace: 'default' } as unknown as Engine;
  const readiness = new Readiness(engine, () => Promise.resolve());
  const ask = (): Promise<(string | null)[]> => Promise.all(Array.from({ length: 100 }, () => readiness.whyNot()));
  expect(new Set(await ask())).toEqual(new Set([null]));
  away = true;
  vi.advanceTimersByTime(999);
  expect([await readiness.whyNot(), calls]).toEqual([null, 1]);
  vi.advanceTimersByTime(1);
  expect(new Set(await ask())).toEqual(new Set(['Temporal is away.']));
  expect(calls).toBe(2);
});
