import { randomUUID } from 'node:crypto';
import { WorkflowFailedError, WorkflowNotFoundError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import {
  previewWorkflowId,
  WORKFLOW_TASK_QUEUE,
  type PreviewInput,
  type PreviewResult,
} from '#libs/contracts/index.js';
import { GRPC, grpcCode } from '#libs/temporal/grpc-errors.js';
import { liveFacts } from '../engine/describe.js';
import type { Engine } from '../engine/engine.js';
import { Problem } from '../problems/problem.js';
import { PreviewPlaces } from './places.js';

/** How long a plan's look at the vendors may take. Milliseconds. */
const LOOK_TIMEOUT_MS = 15_000;

/** Who asks for a look. */
export interface Asker {
  /** The caller's id. */
  caller: string;
  /** Aborted when the caller has gone. */
  gone: AbortSignal;
}

type PreviewHandle = WorkflowHandle<(input: PreviewInput) => Promise<PreviewResult>> & { firstExecutionRunId: string };

/** Runs the looks of dry runs through the workers: bounded per caller and tenant, ended when nobody waits for them any more. */
export class Looks {
  constructor(
    private readonly engine: Engine,
    private readonly places = new PreviewPlaces(),
  ) {}

  /** @throws {Problem} `no-worker`, `vendor-fault`, `too-many-previews`. */
  async run(input: PreviewInput, { caller, gone }: Asker): Promise<PreviewResult> {
    const tenant = (input.to ?? input.from?.plan)?.tenant ?? '';
    return this.places.hold(caller, tenant, async () => {
      const { engine } = this;
      gone.throwIfAborted();
      const handle = await engine.call(() =>
        engine.client.workflow.start<(input: PreviewInput) => Promise<PreviewResult>>('previewPlan', {
          workflowId: previewWorkflowId(randomUUID()),
          taskQueue: WORKFLOW_TASK_QUEUE,
          args: [input],
        }),
      );
      return this.resultOf(handle, gone);
    });
  }

  private async resultOf(handle: PreviewHandle, gone: AbortSignal): Promise<PreviewResult> {
    const { connection } = this.engine;
    try {
      return await connection.withDeadline(Date.now() + LOOK_TIMEOUT_MS, () =>
        connection.withAbortSignal(gone, () => handle.result()),
      );
    } catch (error) {
      if (error instanceof WorkflowFailedError) throw vendorFault(error);
      if (gone.aborted) throw await this.abandoned(handle);
      if (grpcCode(error) !== GRPC.deadlineExceeded) throw error;
      throw await this.timedOut(handle);
    }
  }

  /** The caller has gone: nobody reads what is answered. */
  private async abandoned(handle: PreviewHandle): Promise<Problem> {
    await this.end(handle);
    return new Problem('request-timeout', 'The caller left before the plan was ready.');
  }

  /** Nobody waits for the look any more: it is ended, and the caller is told what held it up. */
  private async timedOut(handle: PreviewHandle): Promise<Problem> {
    const { engine } = this;
    const live = await liveFacts(engine, { workflowId: handle.workflowId, runId: handle.firstExecutionRunId });
    await this.end(handle);
    const slow = live?.pending.find(({ state }) => state === 'started');
    if (slow) {
      return new Problem('vendor-fault', `The connection ${slow.key} did not answer within 15 s.`, {
        members: { connection: slow.key },
      });
    }
    const waiting = live?.pending[0]?.key;
    const detail =
      waiting === undefined
        ? 'No worker is running. Start one, or ask for ?offline=true.'
        : `No worker serves the connection ${waiting}. Start one, or ask for ?offline=true.`;
    return new Problem('no-worker', detail, { headers: { 'retry-after': '15' } });
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

function vendorFault(error: WorkflowFailedError): Problem {
  const { cause } = error;
  if (!(cause instanceof ApplicationFailure)) {
    return new Problem('internal-error', 'The look at the vendors broke.', { cause: error });
  }
  return new Problem('vendor-fault', cause.message, { members: { code: cause.type ?? null }, cause: error });
}
