import { isHandedOff, type Leftover, type RemoveResult } from '#libs/contracts/index.js';
import { keepRemoving, type NodeRun } from './node-run.js';
import type { NodeRuns } from './node-runs.js';
import type { PersonSteps } from './person-steps.js';
import { scheduleStep } from './schedule-step.js';
import { readStepFailure } from './step-failure.js';

/** The way back: derived from what was touched, in reverse order of needs. */
export class Undo {
  constructor(
    private readonly runs: NodeRuns,
    private readonly people: PersonSteps,
    private readonly changed: () => void,
  ) {}

  /** Takes back, in reverse dependency order, every node that was ever touched or stood unrecorded. Answers what could not be undone. */
  async all(): Promise<Leftover[]> {
    const { runs } = this;
    const standing = [...runs.all, ...runs.leftBehind];
    const open = new Set(standing.filter((run) => runs.mayStand(run) && run.undone === null));
    for (const run of open) run.leftover = null;
    const busy = new Map<NodeRun, Promise<void>>();
    while (open.size > 0 || busy.size > 0) {
      const free = [...open].filter((run) => !runs.referring(run).some((other) => open.has(other) || busy.has(other)));
      // What a corrected plan dropped may have been referred to by what it now refers to: then the vendor decides.
      const next = free.length === 0 && busy.size === 0 ? [...open].slice(-1) : free;
      for (const run of next) {
        open.delete(run);
        busy.set(
          run,
          this.node(run, runs.referring(run)).finally(() => busy.delete(run)),
        );
      }
      this.changed();
      await Promise.race(busy.values());
    }
    const late = standing.filter((run) => this.people.wasTakenLate(run));
    for (const run of late) run.undone = null;
    if (late.length > 0) return this.all();
    this.changed();
    return runs.leftovers();
  }

  /** Takes back one node, unless something in `needing` stands that may refer to it. Says in the run how that ended. */
  async node(run: NodeRun, needing: readonly NodeRun[]): Promise<void> {
    const { node } = run;
    run.leftover = null;
    const standing = needing.find((other) => other.leftover !== null);
    const id = run.result?.externalId ?? '';
    if (standing) {
      const reason = `STILL_REFERENCED: ${standing.node.title} could not be undone and may refer to it`;
      run.leftover = { key: node.key, externalId: id, reason };
      return;
    }
    try {
      if (isHandedOff(node)) {
        await this.people.takeBack(run);
        return;
      }
      run.undone = await scheduleStep<RemoveResult>(node, 'remove', this.runs.removal(run), 'undo');
    } catch (error) {
      const failure = readStepFailure(error);
      keepRemoving(run, failure);
      run.leftover = {
        key: node.key,
        externalId: failure.externalId ?? id,
        reason: `${failure.code}: ${failure.message}`,
      };
    }
  }
}
