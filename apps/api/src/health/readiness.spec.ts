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
  const describeNamespace = (): Promise<object> => {
    calls += 1;
    return away ? Promise.reject(new EngineUnavailable('away')) : Promise.resolve({});
  };
  const connection = { withDeadline: (_: unknown, run: () => unknown) => run() };
  const engine = { connection, service: { describeNamespace }, namespace: 'default' } as unknown as Engine;
  const readiness = new Readiness(engine, () => Promise.resolve());
  const ask = (): Promise<(string | null)[]> => Promise.all(Array.from({ length: 100 }, () => readiness.whyNot()));
  expect(new Set(await ask())).toEqual(new Set([null]));
  away = true;
  vi.advanceTimersByTime(999);
  expect([await readiness.whyNot(), calls]).toEqual([null, 1]);
  vi.advanceTimersByTime(1);
  expect(new Set(await ask())).toEqual(new Set(['Temporal cannot be reached.']));
  expect(calls).toBe(2);
});
