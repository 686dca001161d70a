import { randomUUID } from 'node:crypto';
import { WorkflowFailedError, WorkflowNotFoundError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import {
  previewWorkflowId,
  UNREAD,
  WORKFLOW_TASK_QUEUE,
  type PreviewInput,
  type PreviewResult,
} from '#libs/contracts/index.js';
import { liveFacts } from '#libs/history/describe.js';
import type { Engine } from '#libs/history/engine.js';
import { GRPC, grpcCode } from '#libs/temporal/grpc-errors.js';
import { Problem } from '../problems/problem.js';
import { PreviewPlaces } from './places.js';
import type { DeferredPlan, PreviewMemo, ShownFacts } from './shown-plan.js';

/** How long a plan's look at the vendors may take where nobody reads on, and by when a worker must have taken it. Milliseconds. */
const LOOK_TIMEOUT_MS = 15_000;
/** How often it is asked whether a worker has taken a look. */
const ASK_AGAIN_MS = 500;

/** Who asks for a look. */
export interface Asker {
  /** The caller's id. */
  caller: string;
  /** Aborted when the caller has gone. */
  gone: AbortSignal;
}

export type PreviewWorkflow = (input: PreviewInput) => Promise<PreviewResult>;
type PreviewHandle = WorkflowHandle<PreviewWorkflow> & { firstExecutionRunId: string };

/** Runs the looks of dry runs through the workers: bounded per caller and tenant, ended when nobody waits for them any more. */
export class Looks {
  constructor(
    private readonly engine: Engine,
    private readonly places = new PreviewPlaces(),
  ) {}

  /** A look that is ready within 15 s. @throws {Problem} `no-worker`, `vendor-fault`, `too-many-previews`. */
  async run(input: PreviewInput, { caller, gone }: Asker): Promise<PreviewResult> {
    const tenant = tenantOf(input);
    return this.places.hold(caller, tenant, async () => {
      gone.throwIfAborted();
      const handle = await this.start(randomUUID(), input, { tenant });
      const result = await this.within(handle, Date.now() + LOOK_TIMEOUT_MS, gone);
      if (result) return result;
      throw await this.timedOut(handle);
    });
  }

  /**
   * A look that is waited for so long; one that a worker has taken by then goes on, and is read by its id. It keeps its caller's place
   * until it ends.
   * @throws {Problem} `no-worker`, `vendor-fault`, `too-many-previews`
   */
  async defer(
    input: PreviewInput,
    shown: ShownFacts,
    { caller, gone }: Asker,
    waitMs: number,
  ): Promise<PreviewResult | DeferredPlan> {
    const tenant = tenantOf(input);
    const giveBack = this.places.take(caller, tenant);
    let goesOn = false;
    try {
      gone.throwIfAborted();
      const id = randomUUID();
      const handle = await this.start(id, input, { tenant, shown });
      const result = await this.readyOrTaken(handle, gone, waitMs);
      if (result) return result;
      goesOn = true;
      const ended = (): void => giveBack();
      handle.result().then(ended, ended); // how it ended is told to whoever reads it
      return { deferred: id };
    } finally {
      if (!goesOn) giveBack();
    }
  }

  private start(id: string, input: PreviewInput, memo: PreviewMemo): Promise<PreviewHandle> {
    const { engine } = this;
    return engine.call(() =>
      engine.client.workflow.start<PreviewWorkflow>('previewPlan', {
        workflowId: previewWorkflowId(id),
        taskQueue: WORKFLOW_TASK_QUEUE,
        args: [input],
        memo: { ...memo },
        // Its workflow tasks come after those of jobs, as its activities do.
        priority: { priorityKey: 5, fairnessKey: memo.tenant },
      }),
    );
  }

  /** The result; undefined once every connection is being looked at and the caller has waited for as long as it wants to. */
  private async readyOrTaken(
    handle: PreviewHandle,
    gone: AbortSignal,
    waitMs: number,
  ): Promise<PreviewResult | undefined> {
    const takenBy = Date.now() + LOOK_TIMEOUT_MS;
    let until = Date.now() + waitMs;
    for (;;) {
      const isLast = until >= takenBy;
      const result = await this.within(handle, until, gone);
      if (result) return result;
      const untaken = await this.untaken(handle);
      if (untaken === undefined) return undefined;
      if (isLast) {
        await this.end(handle);
        throw noWorker(untaken);
      }
      until = Date.now() + ASK_AGAIN_MS;
    }
  }

  /** The result, or undefined where there is none by then. */
  private async within(handle: PreviewHandle, until: number, gone: AbortSignal): Promise<PreviewResult | undefined> {
    const { connection } = this.engine;
    try {
      return await connection.withDeadline(until, () => connection.withAbortSignal(gone, () => handle.result()));
    } catch (error) {
      if (error instanceof WorkflowFailedError) throw vendorFault(error);
      if (gone.aborted) throw await this.abandoned(handle);
      if (grpcCode(error) !== GRPC.deadlineExceeded) throw error;
      return undefined;
    }
  }

  /** The caller has gone: nobody reads what is answered. */
  private async abandoned(handle: PreviewHandle): Promise<Problem> {
    await this.end(handle);
    return new Problem('request-timeout', 'The caller left before the plan was ready.');
  }

  /** A connection that no worker has taken; empty where not even the workflow has been, undefined where all are. */
  private async untaken(handle: PreviewHandle): Promise<string | undefined> {
    const live = await liveFacts(this.engine, { workflowId: handle.workflowId, runId: handle.firstExecutionRunId });
    if (!live || live.pending.length === 0) return '';
    return live.pending.find(({ state }) => state !== 'started')?.key;
  }

  /** Nobody waits for the look any more: it is ended, and the caller is told what held it up. */
  private async timedOut(handle: PreviewHandle): Promise<Problem> {
    const live = await liveFacts(this.engine, { workflowId: handle.workflowId, runId: handle.firstExecutionRunId });
    await this.end(handle);
    const slow = live?.pending.find(({ state }) => state === 'started');
    if (!slow) return noWorker(live?.pending[0]?.key ?? '');
    const detail = `The connection ${slow.key} did not answer within 15 s.`;
    return new Problem('vendor-fault', detail, { members: { connection: slow.key } });
  }

  /** One that has ended by itself meanwhile is as good. */
  private async end(handle: PreviewHandle): Promise<void> {
    try {
      await this.engine.call(() => handle.terminate('nobody waits for it any more'));
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  }
}

function tenantOf({ to, from }: PreviewInput): string {
  return (to ?? from?.plan)?.tenant ?? '';
}

function noWorker(connection: string): Problem {
  const detail =
    connection === ''
      ? 'No worker is running. Start one, or ask for ?offline=true.'
      : `No worker serves the connection ${connection}. Start one, or ask for ?offline=true.`;
  return new Problem('no-worker', detail, { headers: { 'retry-after': '15' } });
}

/** Whether a dry run was ended since nobody read how far it was. */
export function endedUnread({ cause }: WorkflowFailedError): boolean {
  return cause instanceof ApplicationFailure && cause.type === UNREAD;
}

/** What a dry run that failed is answered with. */
export function vendorFault(error: WorkflowFailedError): Problem {
  const { cause } = error;
  if (!(cause instanceof ApplicationFailure)) {
    return new Problem('internal-error', 'The look at the vendors broke.', { cause: error });
  }
  return new Problem('vendor-fault', cause.message, { members: { code: cause.type ?? null }, cause: error });
}
