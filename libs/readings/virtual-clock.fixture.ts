import { setImmediate } from 'node:timers/promises';
import { reasonOf, type Clock } from './clock.js';

/** A clock that stands until it is moved. */
export class VirtualClock implements Clock {
  private time = 1_000;
  private readonly sleepers = new Set<{ until: number; wake: () => void }>();

  now(): number {
    return this.time;
  }

  wallNow(): number {
    return this.time;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const stop = (): void => {
        this.sleepers.delete(sleeper);
        reject(reasonOf(signal));
      };
      const wake = (): void => {
        signal.removeEventListener('abort', stop);
        this.sleepers.delete(sleeper);
        resolve();
      };
      const sleeper = { until: this.time + ms, wake };
      signal.addEventListener('abort', stop, { once: true });
      this.sleepers.add(sleeper);
    });
  }

  /** Lets time pass; whoever slept so long has gone on by the end of it. */
  async pass(ms: number): Promise<void> {
    this.time += ms;
    for (const { until, wake } of [...this.sleepers]) if (until <= this.time) wake();
    await setImmediate();
  }
}
