/** A graph that is walked: what of it may start now, and how one of it is performed. */
export interface Walk<T> {
  /** What can start now, in order. What runs already, or has run and must not again, is not in it. */
  ready: (running: ReadonlySet<T>) => readonly T[];
  /** Performs one. Must not throw. */
  perform: (item: T) => Promise<void>;
  /** Called whenever something has started or ended. */
  changed: () => void;
}

/** The one scheduler of the interpreter, forward and back: starts whatever is ready, side by side, until nothing runs and nothing is. */
export async function walk<T>({ ready, perform, changed }: Walk<T>): Promise<void> {
  const running = new Map<T, Promise<void>>();
  for (;;) {
    for (const item of ready(new Set(running.keys()))) {
      running.set(
        item,
        perform(item).finally(() => running.delete(item)),
      );
    }
    changed();
    if (running.size === 0) return;
    await Promise.race(running.values());
  }
}
