import type { PartFailed } from './part.js';
import { startSystem, type System, type SystemOptions } from './system.js';

/** The exit code that shells use for an end by Ctrl-C. */
export const INTERRUPTED = 130;

/**
 * Starts the system, does `work` with it and stops it again, on every path: after a fault, after a part's unexpected end,
 * after SIGINT, SIGTERM or SIGHUP (`signal` is aborted then). A second signal kills what has not stopped yet.
 * Returns true when a signal ended it.
 * @throws what `work` throws, and PartFailed when a part ended by itself.
 */
export async function superviseSystem(
  options: Omit<SystemOptions, 'signal'>,
  work: (system: System, signal: AbortSignal) => Promise<void>,
): Promise<boolean> {
  const interrupted = new AbortController();
  let system: System | undefined;
  const onSignal = (): void => {
    if (interrupted.signal.aborted) system?.parts.forEach((part) => part.kill());
    else options.report('stopping');
    interrupted.abort();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  try {
    system = await startSystem({ ...options, signal: interrupted.signal });
    interrupted.signal.throwIfAborted();
    const failure = system.failed.then((fault: PartFailed) => {
      throw fault;
    });
    await Promise.race([work(system, interrupted.signal), failure]);
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
  } finally {
    await system?.stop();
    for (const signal of signals) process.off(signal, onSignal);
  }
  return interrupted.signal.aborted;
}
