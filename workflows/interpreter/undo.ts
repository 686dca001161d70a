import {
  blockedReason,
  isHandedOff,
  type Leftover,
  type PlanNode,
  type RemoveInput,
  type RemoveResult,
} from '#libs/contracts/index.js';
import { keepRemoving, type NodeRun } from './node-run.js';
import type { NodeRuns } from './node-runs.js';
import type { PersonSteps } from './person-steps.js';
import { readStepFailure } from './step-failure.js';
import { walk } from './walk.js';

/** The way back to nothing: derived from what was touched or is recorded, in reverse dependency order. */
export class Undo {
  /** Whether nothing new may begin any more. */
  private stopped: () => boolean = () => false;

  constructor(
    private readonly runs: NodeRuns,
    private readonly people: PersonSteps,
    private readonly changed: () => void,
    private readonly remove: (node: PlanNode, input: RemoveInput) => Promise<RemoveResult>,
  ) {}

  /**
   * Takes back every node of which something may stand, in reverse dependency order. Returns what could not be taken back. `stopped`
   * is asked before each: what has begun is ended, and nothing new begins.
   */
  async all(stopped: () => boolean = () => false): Promise<Leftover[]> {
    const { runs } = this;
    this.stopped = stopped;
    const standing = [...runs.all, ...runs.leftBehind];
    // What a last reading has found, or could not read, is taken back once more.
    for (const run of standing) if (run.leftover !== null) run.undone = null;
    const open = new Set(standing.filter((run) => runs.mayStand(run) && run.undone === null));
    for (const run of open) run.leftover = null;
    await walk<NodeRun>({
      changed: this.changed,
      ready: (running) => {
        if (stopped()) return [];
        const free = [...open].filter(
          (run) => !runs.referring(run).some((other) => open.has(other) || running.has(other)),
        );
        // What a corrected plan dropped may have been referred to by what it now refers to: then the vendor decides.
        const next = free.length === 0 && running.size === 0 ? [...open].slice(-1) : free;
        for (const run of next) open.delete(run);
        return next;
      },
      perform: (run) => this.node(run, runs.referring(run)),
    });
    const late = stopped() ? [] : standing.filter((run) => this.people.wasTakenLate(run));
    for (const run of late) run.undone = null;
    if (late.length > 0) return this.all(stopped);
    this.changed();
    return runs.leftovers();
  }

  /** Takes back one node, unless something in `needing` stands that may refer to it. Says in the run how that ended. */
  async node(run: NodeRun, needing: readonly NodeRun[]): Promise<void> {
    run.leftover = null;
    const standing = needing.find((other) => other.leftover !== null);
    if (standing) {
      const reason = blockedReason(standing.node.title);
      run.leftover = { key: run.node.key, externalId: this.idOf(run), reason };
      return;
    }
    await this.attempt(run, () => this.remove(run.node, this.runs.removal(run)));
  }

  /** Removes what a last reading has found of a node that was taken back already. */
  async again(run: NodeRun): Promise<void> {
    const { node, knowledge, goal } = this.runs.removal(run);
    const { removing } = knowledge;
    const nothing = { recorded: null, made: null, looked: null, inFlightSince: null };
    const input = { node, goal, knowledge: { ...nothing, ...(removing ? { removing } : {}) } };
    await this.attempt(run, () => this.remove(run.node, input));
  }

  private async attempt(run: NodeRun, remove: () => Promise<RemoveResult>): Promise<void> {
    const { node } = run;
    try {
      if (isHandedOff(node)) await this.people.takeBack(run);
      else run.undone = await remove();
    } catch (error) {
      const failure = readStepFailure(error);
      keepRemoving(run, failure);
      if (failure.kind === 'cancelled' && this.stopped()) return; // what it did is read by whoever goes on
      const externalId = failure.externalId ?? this.idOf(run);
      run.leftover = { key: node.key, externalId, reason: `${failure.code}: ${failure.message}` };
    }
  }

  private idOf({ result, standsAs }: NodeRun): string {
    return (result ?? standsAs)?.externalId ?? '';
  }
}
