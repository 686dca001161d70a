/** Runs that are remembered; with more, the longest known one is told of again. */
const RUNS_KEPT = 1_000;

/** What the SDK logs at each try when a workflow's own task fails: the one with the error, and for every kind of failure the other. */
const FAILURE = /^(?:Failed to process Workflow Activation|Failing workflow (?:task|due to nondeterminism error))$/;

type Meta = Readonly<Record<string | symbol, unknown>>;

/** A workflow whose tasks fail: nothing of it goes on, and the task is tried again for as long as that takes. */
export interface FailingTask {
  runId: string | undefined;
  workflowId: string | undefined;
  /** Why, as the SDK has it: an error, or a text. */
  cause: unknown;
  /** True the first time that this process tells of the run. */
  first: boolean;
}

/** Tells lines about failing workflow tasks from others, and the first about a run from those that repeat it. */
export class TaskFailures {
  private readonly known = new Set<string>();

  /** Returns what a line tells of a failing task; undefined for any other line. */
  read(message: string, meta: Meta = {}): FailingTask | undefined {
    if (!FAILURE.test(message)) return undefined;
    const runId = text(meta['runId']) ?? text(meta['run_id']);
    const workflowId = text(meta['workflowId']) ?? text(meta['workflow_id']);
    const cause = meta['error'] ?? meta['failure'];
    return { runId, workflowId, cause, first: runId === undefined || this.remember(runId) };
  }

  private remember(runId: string): boolean {
    if (this.known.has(runId)) return false;
    this.known.add(runId);
    for (const oldest of this.known) {
      if (this.known.size <= RUNS_KEPT) break;
      this.known.delete(oldest);
    }
    return true;
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
