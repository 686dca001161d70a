import type {
  CheckInput,
  CheckResult,
  EnsureResult,
  HandoffKind,
  HandoffAnswer,
  PlanNode,
  RemoveResult,
} from '#libs/contracts/index.js';
import type { HandoffDesk, HandoffEnd, Judgement } from './handoff-desk.js';
import type { NodeRun } from './node-run.js';
import type { StepFault } from './step-fault.js';
import { readStepFailure } from './step-failure.js';

type Accepted = Extract<CheckResult, { state: 'accepted' }>;

/** An object of a node that became a hand-off: calls of its former connection made it, or may have made it. */
export interface CarriedOver {
  /** Null where it is not known. */
  id: string | null;
  /** True for one that was there before the job and was taken over. */
  stoodBefore: boolean;
}

/** The steps that a person does: what the engine does by activities for all other nodes, here by asking and checking. */
export class PersonSteps {
  constructor(
    private readonly desk: HandoffDesk,
    /** Runs the `check` of a node's resource. */
    private readonly check: (node: PlanNode, input: Omit<CheckInput, 'node'>) => Promise<CheckResult>,
  ) {}

  /** Whether a person is being asked for the node at this moment, or will be when another task is done. */
  isAsked({ asking, node }: NodeRun): boolean {
    const { current } = this.desk;
    return asking && (current?.key !== node.key || current.state === 'open');
  }

  /** Has a person bring a node to stand, or to what a corrected plan wants. Returns the fault when that ended otherwise. */
  async bring(run: NodeRun): Promise<StepFault | null> {
    const { node, carriedOver, touched } = run;
    run.touched = true;
    const former = run.earlier ?? run.standsAs;
    const kind = former && node.person?.asks.update !== undefined ? 'update' : 'install';
    const standing = former ?? (carriedOver?.id ? { externalId: carriedOver.id } : null);
    const end = await this.ask(run, kind, this.hintOf(run), standing);
    // Who refuses has done nothing: what the account records stands as it did, and the way back has nothing to ask.
    if (end.state === 'rejected' && run.standsAs && !run.earlier) run.touched = touched;
    if (end.state !== 'accepted') return this.ended(run, end);
    const { externalId, issued, level, message } = end.value;
    run.result = {
      ...(former ?? FRESH),
      ...(carriedOver?.stoodBefore ? { ownership: 'adopted' as const, outcome: 'adopted' as const } : {}),
      externalId,
      outputs: { id: externalId },
      issued: { ...former?.issued, ...issued },
      level,
      message,
    };
    run.failure = null;
    run.carriedOver = null;
    return null;
  }

  /** Has a person supply what the vendor issued for an object that stands, and does not show. */
  async supply(run: NodeRun, made: EnsureResult): Promise<StepFault | null> {
    const end = await this.ask(run, 'secret', `Its id is ${made.externalId}.`, made);
    if (end.state !== 'accepted') return this.ended(run, end);
    const { lacks: _supplied, ...rest } = made;
    run.result = { ...rest, issued: { ...made.issued, ...end.value.issued }, level: end.value.level };
    return null;
  }

  /** Has a person take a node back, unless nobody can have made anything of it. Throws as `HandoffDesk.ask` does. */
  async takeBack(run: NodeRun): Promise<void> {
    const { node, carriedOver } = run;
    const made = run.result ?? run.earlier ?? run.standsAs;
    const id = made?.externalId ?? carriedOver?.id ?? '';
    if (!made && !carriedOver && (run.rejected || !this.desk.wasFetched(node.key))) {
      const message = run.rejected
        ? 'the person made nothing'
        : 'nobody had fetched the file: there is nothing to undo';
      if (!run.rejected) this.desk.skip(node, message);
      run.undone = { ...NOTHING_REMOVED, message };
      return;
    }
    const end = await this.ask(run, 'remove', removalHint(run, id), made);
    if (end.state === 'accepted') {
      run.undone = { outcome: 'removed', removed: id === '' ? [] : [id], message: end.value.message };
      return;
    }
    const code = end.state === 'rejected' ? 'PERMISSION_DENIED' : 'NOT_READY';
    run.leftover = { key: node.key, externalId: id, reason: `${code}: ${end.message}` };
  }

  /** Whether a file that undo took for untouched has been fetched in the last moment: then there may be something to undo. */
  wasTakenLate({ node, undone, rejected }: NodeRun): boolean {
    return !rejected && undone?.message !== undefined && undone.outcome === 'absent' && this.desk.wasFetched(node.key);
  }

  private async ask(
    run: NodeRun,
    kind: HandoffKind,
    hint: string | null,
    made: Pick<EnsureResult, 'externalId' | 'issued'> | null,
  ): Promise<HandoffEnd<Accepted>> {
    const { node } = run;
    const known = made && { externalId: made.externalId, ...(made.issued ? { issued: made.issued } : {}) };
    run.asking = true;
    try {
      return await this.desk.ask({ node, kind, hint }, (answer) => this.judge(node, kind, answer, known));
    } finally {
      run.asking = false;
    }
  }

  /** A check that does not come to an end says nothing of the answer: the person is told, and the job goes on waiting. */
  private async judge(
    node: PlanNode,
    kind: HandoffKind,
    { values }: HandoffAnswer,
    known: CheckInput['known'],
  ): Promise<Judgement<Accepted>> {
    try {
      const found = await this.check(node, { kind, values: values ?? null, known });
      return found.state === 'accepted' ? { state: 'accepted', value: found } : found;
    } catch (error) {
      const failure = readStepFailure(error);
      if (failure.kind === 'cancelled') throw error;
      return { state: 'refused', message: `it could not be checked, so it is needed again. ${failure.message}` };
    }
  }

  private ended(run: NodeRun, { state, message }: Exclude<HandoffEnd<Accepted>, { state: 'accepted' }>): StepFault {
    const { key, title } = run.node;
    run.rejected = state === 'rejected';
    return state === 'rejected'
      ? { step: key, code: 'PERMISSION_DENIED', message, then: 'reject' }
      : { step: key, code: 'NOT_READY', message: `${title}: ${message}`, then: 'hold' };
  }

  private hintOf({ node, carriedOver, stale }: NodeRun): string | null {
    if (carriedOver) return standingHint(carriedOver);
    if (!stale || !this.desk.wasFetched(node.key)) return null;
    return 'An earlier version of the file was handed out before: where that is in place already, replace it by this one.';
  }
}

/** What calls of a former connection left of a node, or may have left; null: nothing. */
export function carriedOverBy({ result, earlier, failure, inFlightSince }: NodeRun): CarriedOver | null {
  const made = result ?? earlier;
  const id = failure?.provisioned?.id ?? made?.externalId ?? null;
  if (id === null && inFlightSince === null) return null;
  return { id, stoodBefore: made !== null && made.ownership !== 'created' };
}

function standingHint({ id, stoodBefore }: CarriedOver): string {
  if (id === null) {
    return 'An attempt through the API may have made it already: look for it first, use it if it is there, and make no second one.';
  }
  return stoodBefore
    ? `It stood before already (id ${id}): bring that one to the file, and make no second one.`
    : `An attempt through the API has made it already (id ${id}): use that one, and make no second one.`;
}

function removalHint({ carriedOver }: NodeRun, id: string): string | null {
  if (carriedOver?.stoodBefore)
    return `It stood before (id ${id}): do not remove it, but put its former settings back.`;
  if (id !== '') return `Its id is ${id}.`;
  return 'Where it was never made there is nothing to remove: say that it is done.';
}

const FRESH = { ownership: 'created', outcome: 'created', settle: false, inFlightUntil: null } as const;

const NOTHING_REMOVED: Pick<RemoveResult, 'outcome' | 'removed'> = { outcome: 'absent', removed: [] };
