import { randomUUID } from 'node:crypto';
import { WorkflowNotFoundError } from '@temporalio/client';
import {
  accountId,
  accountWorkflowId,
  interruptionBy,
  OPERATION_SIGNAL,
  QUEUE_LIMIT,
  requestedPlan,
  WORKFLOW_TASK_QUEUE,
  type AccountNote,
  type AccountRef,
  type AccountState,
  type LineEntry,
  type OperationRequest,
  type Plan,
  type Progress,
} from '#libs/contracts/index.js';
import type { Engine } from '#libs/history/engine.js';
import { locateJob } from '#libs/history/locate.js';
import type { Caller } from '../auth/caller.js';
import type { Links } from '../onboardings/links.js';
import { JOB_INPUT_LIMIT, requireJobSize } from '../plans/spec-size.js';
import { notFound, Problem } from '../problems/problem.js';
import type { AccountReader, CurrentAccount } from './account-reader.js';

/** Most that an account carries with its line, in encoded bytes: Temporal refuses 2 MiB. */
const STATE_LIMIT = 1_900_000;

/** What queuing an operation is answered. */
export interface Accepted {
  operationId: string;
  status: 'queued';
  links: Progress['links'];
}

/** What the last in an account's line leads to: what a new request is compared with. */
export interface Target {
  /** The plan that will stand; null once an offboarding is accepted, or while nothing is recorded. */
  plan: Plan | null;
  /** The request that leads there; null when it stands already. */
  request: OperationRequest | null;
}

/** What runs and waits; nothing does at an account that was terminated in Temporal itself, whatever had been accepted. */
function liveLine({ run, line }: CurrentAccount): OperationRequest[] {
  return run.state === 'terminated' ? [] : line;
}

/** Queues operations on accounts that are there: durable before the answer, in the order in which they were accepted. */
export class AccountLine {
  constructor(
    private readonly engine: Engine,
    private readonly accounts: AccountReader,
    private readonly links: Links,
  ) {}

  /**
   * The account, with what its line leads to.
   * @throws {Problem} `not-found`; `onboarding-in-progress` before its first onboarding has succeeded
   */
  async open(caller: Caller, id: string): Promise<{ current: CurrentAccount; target: Target }> {
    const current = await this.accounts.require(caller, id);
    const { state } = current;
    const line = liveLine(current);
    const recorded = current.recorded.plan;
    if (recorded === null && state.state !== 'interrupted') {
      const detail = 'The account is being onboarded for the first time: wait for its end, or cancel it.';
      throw new Problem('onboarding-in-progress', detail, { members: { runId: line[0]?.runId ?? null } });
    }
    const request = [...line].reverse().find(({ kind }) => kind !== 'reconcile' && kind !== 'sweep') ?? null;
    const plan = request ? requestedPlan(request) : recorded;
    return { current, target: { plan, request } };
  }

  /** @throws {Problem} `offboarding-in-progress` when an offboarding is accepted: nothing is queued behind one. */
  requireStaying({ request }: Target): void {
    if (request?.kind !== 'offboard') return;
    throw new Problem('offboarding-in-progress', 'The account is being taken off: nothing can follow that.', {
      members: { operation: { id: request.runId, kind: request.kind } },
    });
  }

  /**
   * Queues an operation. @throws {Problem} `queue-full` when too many wait or too much; `spec-too-large` when nothing waits and it is
   * too large by itself; `not-found` when the account has ended meanwhile
   */
  async submit(current: CurrentAccount, request: OperationRequest, document: unknown = {}): Promise<Accepted> {
    const { state, running } = current;
    const waiting = liveLine(current).filter(({ runId }) => runId !== running);
    if (waiting.length >= QUEUE_LIMIT) {
      throw new Problem(
        'queue-full',
        `${String(QUEUE_LIMIT)} operations of the account wait already; try again later.`,
      );
    }
    await this.requireRoom(current, request, waiting, document);
    if (current.run.state === 'terminated') await this.restart(current, request);
    else await this.signal(state, request);
    const located = await locateJob(this.engine, state, request.runId);
    const links = this.links.job(state, request.runId, located?.operation ?? null);
    return { operationId: request.runId, status: 'queued', links };
  }

  /** Sends a note, which the account takes between two operations. @throws {Problem} `not-found` */
  note(ref: AccountRef, note: AccountNote): Promise<void> {
    return this.signal(ref, note);
  }

  /** A fresh request's common fields. */
  request(caller: Caller): Pick<OperationRequest, 'runId' | 'by' | 'at' | 'publicUrl'> {
    return { runId: randomUUID(), by: caller.id, at: new Date().toISOString(), publicUrl: this.links.publicUrl };
  }

  private async requireRoom(
    { state, recorded }: CurrentAccount,
    request: OperationRequest,
    waiting: readonly OperationRequest[],
    document: unknown,
  ): Promise<void> {
    const { decoder } = this.engine;
    const workflowId = accountWorkflowId(state);
    if (request.kind === 'amend') requireJobSize(await decoder.encodedSize(request.plan, workflowId), document);
    const bytes = await decoder.encodedSize({ ...recorded, queue: [...waiting, request] }, workflowId);
    if (bytes <= STATE_LIMIT) return;
    const detail = `The account and what waits for it would take ${String(bytes)} bytes, more than ${String(STATE_LIMIT)}.`;
    if (waiting.length === 0)
      throw new Problem('spec-too-large', `${detail} A spec alone may take ${String(JOB_INPUT_LIMIT)}.`);
    throw new Problem('queue-full', `${detail} Try again when less waits.`, { members: { bytes } });
  }

  private async signal(ref: AccountRef, entry: LineEntry): Promise<void> {
    const handle = this.engine.client.workflow.getHandle(accountWorkflowId(ref));
    try {
      await this.engine.call(() => handle.signal(OPERATION_SIGNAL, entry));
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) throw notFound(`account ${accountId(ref)}`);
      throw error;
    }
  }

  /** An account that was terminated in Temporal itself goes on from the state of its last run, with what was under way. */
  private async restart({ recorded, line, run, state }: CurrentAccount, request: OperationRequest): Promise<void> {
    const [cut] = line;
    const interrupted = interruptionBy(recorded, cut, new Date().toISOString());
    const next: AccountState = {
      ...recorded,
      state: 'interrupted',
      interrupted,
      queue: [request],
    };
    await this.engine.call(() =>
      this.engine.client.workflow.start('account', {
        workflowId: accountWorkflowId(state),
        taskQueue: WORKFLOW_TASK_QUEUE,
        args: [next],
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        workflowIdConflictPolicy: 'FAIL',
        memo: { ...run.memo, state: 'interrupted' },
      }),
    );
  }
}
