/** What a set of samples says. Milliseconds, unless the caller measured something else. */
export interface Spread {
  samples: number;
  p50: number;
  p95: number;
  min: number;
  max: number;
}

/** A way of doing the same thing: one run of it, answered with what it measured. */
export type Candidate<T> = (round: number) => Promise<T>;

/** @throws RangeError without samples: there is nothing to tell then */
export function spread(samples: readonly number[]): Spread {
  const sorted = [...samples].sort((a, b) => a - b);
  return {
    samples: sorted.length,
    p50: percentile(sorted, 0.5),
    p95: percentile(sorted, 0.95),
    min: percentile(sorted, 0),
    max: percentile(sorted, 1),
  };
}

/** The middle of some samples. */
export function median(samples: readonly number[]): number {
  return spread(samples).p50;
}

/**
 * Runs all candidates in every round, in an order that turns from round to round: a machine that gets slower or faster on the way
 * does so for all of them, and their ratios stay those of one run.
 */
export async function interleaved<T, K extends string>(
  rounds: number,
  candidates: Record<K, Candidate<T>>,
  onRound: (done: number) => void = () => undefined,
): Promise<Record<K, T[]>> {
  const names = Object.keys(candidates) as K[];
  const results = Object.fromEntries(names.map((name) => [name, [] as T[]])) as Record<K, T[]>;
  for (let round = 0; round < rounds; round++) {
    const turned = names.map((_name, i) => names[(i + round) % names.length]).filter((name) => name !== undefined);
    for (const name of turned) results[name].push(await candidates[name](round));
    onRound(round + 1);
  }
  return results;
}

/** How long something takes, in milliseconds, with its result. */
export async function timed<T>(work: () => Promise<T>): Promise<{ ms: number; answer: T }> {
  const began = performance.now();
  const answer = await work();
  return { ms: performance.now() - began, answer };
}

/** Linear between the two nearest samples. */
function percentile(sorted: readonly number[], share: number): number {
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)];
  const above = sorted[Math.ceil(at)];
  if (below === undefined || above === undefined) throw new RangeError('nothing was measured');
  return below + (above - below) * (at - Math.floor(at));
}
