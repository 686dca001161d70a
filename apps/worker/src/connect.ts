import { setTimeout as delay } from 'node:timers/promises';
import { NativeConnection } from '@temporalio/worker';
import type { TemporalSettings } from '#libs/config/temporal-settings.js';
import type { Logger } from '#libs/logging/index.js';
import { addressOptions, engineUnavailable, isRefused } from '#libs/temporal/client.js';

const RETRY_MS = 1_000;
/** Between two lines that tell that Temporal is still away. */
const REMIND_MS = 5_000;

/**
 * Connects to Temporal, again and again for at most `withinMs`, with a line while it is away. Refused credentials end it at once.
 * @throws {EngineUnavailable}
 */
export async function connectNative(
  settings: TemporalSettings,
  { logger, withinMs, signal }: { logger: Logger; withinMs: number; signal: AbortSignal },
): Promise<NativeConnection> {
  const began = performance.now();
  let told = -REMIND_MS;
  for (;;) {
    signal.throwIfAborted();
    try {
      return await connectOnce(settings, withinMs - (performance.now() - began));
    } catch (error) {
      const waited = performance.now() - began;
      if (waited + RETRY_MS > withinMs || isRefused(error)) throw engineUnavailable(settings, error);
      if (waited - told >= REMIND_MS) {
        told = waited;
        logger.warn(
          `Temporal at ${settings.address} cannot be reached yet; trying again for ${Math.ceil((withinMs - waited) / 1_000)} s`,
        );
      }
    }
    await delay(RETRY_MS, undefined, { signal });
  }
}

/** One attempt, given up when the time is over: an address that swallows packets answers nothing for minutes. */
async function connectOnce(settings: TemporalSettings, withinMs: number): Promise<NativeConnection> {
  const attempt = NativeConnection.connect({
    ...addressOptions(settings),
    grpcCompression: { codec: settings.compression ?? 'none' },
  });
  const timer = new AbortController();
  const over = delay(Math.max(0, withinMs), undefined, { signal: timer.signal });
  over.catch(() => undefined); // ended early: the attempt was faster
  try {
    const connection = await Promise.race([attempt, over]);
    if (connection !== undefined) return connection;
  } finally {
    timer.abort();
  }
  attempt.then((late) => late.close()).catch(() => undefined); // nobody waits for it any more
  throw new Error('no answer in time');
}
