/** What the processes of a Temporal server have counted so far, of one namespace. */
export interface Counters {
  /** Calls that the frontend has taken, by operation: `RecordActivityTaskHeartbeat`. */
  requests(operation: string): number;
  /** Tasks of the server's own, by operation: `VisibilityTaskUpsertExecution`. Counted a moment after what they are for. */
  tasks(operation: string): number;
}

/** Reads the figures of a server's processes. `metrics` are their addresses, as a cluster names them. */
export async function readCounters(metrics: readonly string[], name: string): Promise<Counters> {
  const texts = await Promise.all(metrics.map(async (url) => (await fetch(url)).text()));
  const lines = texts.join('\n').split('\n');
  const namespace = name.replaceAll(/\W/g, '_'); // as values of labels are written
  const total = (counter: string, labels: Readonly<Record<string, string>>): number =>
    lines
      .filter((line) => line.startsWith(`${counter}{`))
      .filter((line) => Object.entries(labels).every(([label, value]) => line.includes(`${label}="${value}"`)))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  return {
    requests: (operation) => total('service_requests', { service_name: 'frontend', namespace, operation }),
    tasks: (operation) => total('task_requests', { namespace, operation }),
  };
}
