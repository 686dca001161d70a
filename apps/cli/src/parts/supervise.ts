import type { PartFailed } from './part.js';
import { startSystem, type System, type SystemOptions } from './system.js';

/** The exit code that shells use for an end by Ctrl-C. */
export const INTERRUPTED = 130;

/**
 * One Ctrl-C in a terminal comes twice where npm is between: the terminal signals every process, and npm hands its own on. What
 * comes this soon after the first is the same wish. Milliseconds.
 */
const SAME_WISH_MS = 2_000;

export interface SuperviseOptions extends Omit<SystemOptions, 'signal' | 'killSignal'> {
  /** For tests: within how many milliseconds a second signal counts as the first. Default 2000. */
  sameWishMs?: number;
}

/**
 * Starts the system, does `work` with it and stops it again, on every path: after a fault, after a part's unexpected end,
 * after SIGINT, SIGTERM or SIGHUP (`signal` is aborted then). A second signal, two seconds later or more, ends at once what has not
 * stopped yet. Nothing of the system runs when this has settled.
 * Returns true when a signal ended it.
 * @throws what `work` throws, and PartFailed when a part ended by itself.
 */
export async function superviseSystem(
  { sameWishMs = SAME_WISH_MS, ...options }: SuperviseOptions,
  work: (system: System, signal: AbortSignal) => Promise<void>,
): Promise<boolean> {
  const interrupted = new AbortController();
  const killed = new AbortController();
  let firstAt = 0;
  const onSignal = (): void => {
    if (!interrupted.signal.aborted) {
      firstAt = performance.now();
      options.report('stopping (Ctrl-C again ends at once what takes long)');
      interrupted.abort();
    } else if (performance.now() - firstAt >= sameWishMs && !killed.signal.aborted) {
      options.report('ending at once');
      killed.abort();
    }
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, onSignal);
  // The terminal may be gone, which is what SIGHUP says: what cannot be told any more must not keep the rest from being stopped.
  for (const stream of [process.stdout, process.stderr]) {
    if (!stream.listeners('error').includes(nobodyReads)) stream.on('error', nobodyReads);
  }
  let system: System | undefined;
  try {
    system = await startSystem({ ...options, signal: interrupted.signal, killSignal: killed.signal });
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

function nobodyReads(): void {
  // Nobody is there to be told.
}
