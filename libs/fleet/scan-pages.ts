import { VendorError } from '#libs/contracts/index.js';
import type { PageOptions } from '#libs/readings/index.js';
import type { Timing } from '#libs/resources/index.js';

/** What paces the calls of a scan. */
export interface ScanPace {
  signal: AbortSignal;
  timing: Pick<Timing, 'initialIntervalMs' | 'maximumIntervalMs' | 'giveUpAfterMs'>;
  /** Waits; ends early with the signal's reason. */
  sleep(ms: number): Promise<void>;
  now(): number;
}

/**
 * Makes one call of a scan. One that fails for a passing reason is made again after a pause that grows or that the vendor asks for, as
 * long as a job would try.
 * @throws VendorError when it does not pass, or not soon; the signal's reason when that ends first
 */
export async function patiently<P>(pace: ScanPace, call: (options: PageOptions) => Promise<P>): Promise<P> {
  const { signal, timing } = pace;
  const options: PageOptions = { signal, lane: () => 'fleet', onSent: () => undefined };
  let failedAt: number | undefined;
  for (let tries = 1; ; tries++) {
    signal.throwIfAborted();
    try {
      return await call(options);
    } catch (error) {
      if (signal.aborted || !(error instanceof VendorError) || !error.fault.retryable) throw error;
      failedAt ??= pace.now();
      const pauseMs = Math.max(error.fault.retryAfterMs ?? 0, backoffMs(tries, timing));
      if (pace.now() - failedAt + pauseMs > timing.giveUpAfterMs) throw error;
      await pace.sleep(pauseMs);
    }
  }
}

function backoffMs(tries: number, { initialIntervalMs, maximumIntervalMs }: ScanPace['timing']): number {
  return Math.min(initialIntervalMs * 2 ** Math.min(tries - 1, 20), maximumIntervalMs);
}
