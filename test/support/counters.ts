/**
 * Adds up what the processes of a Temporal server tell of each counter, by name and labels as Prometheus writes them:
 * `service_requests{operation="PollActivityTaskQueue",...}`. `metrics` are the addresses of a cluster's figures.
 */
export async function readCounters(metrics: readonly string[]): Promise<Map<string, number>> {
  const counters = new Map<string, number>();
  for (const url of metrics) {
    const text = await (await fetch(url)).text();
    for (const line of text.split('\n')) {
      const match = /^([a-z_]+(?:\{.*\})?) ([0-9.e+]+)$/.exec(line);
      if (match?.[1] !== undefined) counters.set(match[1], (counters.get(match[1]) ?? 0) + Number(match[2]));
    }
  }
  return counters;
}
