import { PartFailed, startPart, type Part, type PartOptions } from './part.js';

export type CrewMember = Omit<PartOptions, 'signal'>;

/** Parts that live and end together: the first that fails to start, or ends by itself, is the fault of all. */
export interface Crew {
  readonly parts: readonly Part[];
  /** Resolves with the fault when a part that had started ends without having been told to. */
  readonly failed: Promise<PartFailed>;
  /**
   * Starts parts side by side. After the first fault, also of a part from before, the others are not waited for; when
   * this ends, nothing is being started any more.
   * @throws {PartFailed} the first fault.
   */
  start(members: readonly CrewMember[], onReady: (member: CrewMember, tookMs: number) => void): Promise<void>;
  /** Stops the parts, the last started first; those that were started together side by side. A second call waits for the same. */
  stop(): Promise<void>;
}

/** A crew without parts. When `interrupted` is aborted, no part is waited for any more. */
export function createCrew(interrupted: AbortSignal): Crew {
  const watches: Part[][] = [];
  const broken = new AbortController();
  const signal = AbortSignal.any([interrupted, broken.signal]);
  let fault: unknown;
  let stopping: Promise<void> | undefined;
  const breakUp = (cause: unknown): void => {
    fault ??= cause;
    broken.abort();
  };
  let tellFailed: (fault: PartFailed) => void;
  const failed = new Promise<PartFailed>((resolve) => (tellFailed = resolve));

  const startOne = async (member: CrewMember, watch: Part[], onReady: (tookMs: number) => void): Promise<void> => {
    const began = performance.now();
    const part = await startPart({ ...member, signal });
    watch.push(part);
    void part.exited.then((how) => {
      if (stopping !== undefined) return;
      const cause = new PartFailed(part.name, `ended by itself: ${how}`, part.logFile, part.tail());
      breakUp(cause);
      tellFailed(cause);
    });
    onReady(performance.now() - began);
  };
  const stop = async (): Promise<void> => {
    for (const watch of watches.toReversed()) await Promise.all(watch.map((part) => part.stop()));
  };

  return {
    get parts() {
      return watches.flat();
    },
    failed,
    async start(members, onReady) {
      const watch: Part[] = [];
      watches.push(watch);
      await Promise.all(
        members.map((member) => startOne(member, watch, (tookMs) => onReady(member, tookMs)).catch(breakUp)),
      );
      if (fault !== undefined) throw fault as Error;
    },
    stop: () => (stopping ??= stop()),
  };
}
