import { WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import proto from '@temporalio/proto';
import {
  PREVIEW_READ_SIGNAL,
  previewWorkflowId,
  type HeartbeatDetails,
  type PagesNote,
  type PreviewInput,
} from '#libs/contracts/index.js';
import { describeRun, type Description } from '#libs/history/describe.js';
import type { Engine } from '#libs/history/engine.js';
import { isoTime } from '#libs/history/event.js';
import { readFirstEvent } from '#libs/history/history.js';
import { mayUse, type Caller } from '../auth/caller.js';
import { notFound, type Problem } from '../problems/problem.js';
import { endedUnread, vendorFault, type PreviewWorkflow } from './looks.js';
import type { PlanAnswer } from './plan-answer.js';
import { finished } from './previews.js';
import type { PreviewMemo } from './shown-plan.js';

const { WorkflowExecutionStatus } = proto.temporal.api.enums.v1;

const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** For so long a plan is kept. Milliseconds. */
const KEPT_MS = 3_600_000;
/** How often it is noted that a plan is read: a note is an event in its history. Milliseconds; a plan goes on unread for 10 minutes. */
const NOTE_EVERY_MS = 60_000;

/** How far a plan's look is. */
export interface PendingPlan {
  id: string;
  /** Pages of the vendors' lists that have been read. */
  pages: number;
  /** How many there will be in all, about; null while that is not known. */
  of: number | null;
  links: { self: string };
}

/** The pending answer of a plan that has not been read yet. */
export function pendingPlan(id: string, { read, of }: PagesNote = { read: 0, of: null }): PendingPlan {
  return { id, pages: read, of, links: { self: `/v1/plans/${id}` } };
}

/** Plans whose looks were not ready when they were asked for: read until they are, and for an hour after. */
export class DeferredPlans {
  private readonly notedAt = new Map<string, number>();

  constructor(private readonly engine: Engine) {}

  /** @throws {Problem} `not-found` also for the plan of another tenant; `vendor-fault` for a look that failed */
  async read(caller: Caller, id: string): Promise<PlanAnswer | PendingPlan> {
    const workflowId = previewWorkflowId(id);
    const found = ID.test(id) ? await describeRun(this.engine, { workflowId }) : undefined;
    const info = found?.workflowExecutionInfo;
    if (!found || !info) throw absent(id);
    const memo = (await this.engine.decoder.fields(info.memo?.fields, workflowId)) as Partial<PreviewMemo>;
    if (memo.shown === undefined || memo.tenant === undefined) throw absent(id);
    if (!mayUse(caller, memo.tenant)) throw notFound(`plan ${id}`, { reason: 'other-tenant' });
    const closedAt = isoTime(info.closeTime);
    if (closedAt !== null && Date.now() - Date.parse(closedAt) > KEPT_MS) throw absent(id);
    switch (info.status) {
      case WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING:
        await this.noteRead(workflowId);
        return pendingPlan(id, await this.pagesOf(found, workflowId));
      case WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_COMPLETED:
      case WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_FAILED:
        return this.ended(id, info.execution?.runId ?? '', memo.shown);
      default:
        throw absent(id); // ended since its caller had left, or from outside
    }
  }

  private async ended(id: string, runId: string, shown: NonNullable<PreviewMemo['shown']>): Promise<PlanAnswer> {
    const { engine } = this;
    const workflowId = previewWorkflowId(id);
    const handle = engine.client.workflow.getHandle<PreviewWorkflow>(workflowId, runId);
    try {
      const result = await engine.call(() => handle.result());
      const first = await readFirstEvent(engine, { workflowId, runId });
      const { input } = first?.workflowExecutionStartedEventAttributes ?? {};
      return finished((await engine.decoder.value(input, workflowId)) as PreviewInput, shown, result);
    } catch (error) {
      if (!(error instanceof WorkflowFailedError)) throw error;
      throw endedUnread(error) ? absent(id) : vendorFault(error);
    }
  }

  /** The look goes on: somebody waits for it. */
  private async noteRead(workflowId: string): Promise<void> {
    const now = Date.now();
    for (const [id, at] of this.notedAt) if (now - at > NOTE_EVERY_MS) this.notedAt.delete(id);
    if (this.notedAt.has(workflowId)) return;
    this.notedAt.set(workflowId, now);
    try {
      await this.engine.call(() => this.engine.client.workflow.getHandle(workflowId).signal(PREVIEW_READ_SIGNAL));
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error; // it has ended meanwhile
    }
  }

  private async pagesOf({ pendingActivities }: Description, workflowId: string): Promise<PagesNote> {
    const details = await Promise.all(
      pendingActivities.map(async ({ heartbeatDetails }) => {
        return (await this.engine.decoder.value(heartbeatDetails, workflowId)) as HeartbeatDetails | undefined;
      }),
    );
    const notes = details.map((each) => each?.pages ?? { read: 0, of: null });
    const known = notes.flatMap(({ of }) => of ?? []);
    return {
      read: notes.reduce((total, { read }) => total + read, 0),
      of: known.length < notes.length || notes.length === 0 ? null : known.reduce((total, of) => total + of, 0),
    };
  }
}

function absent(id: string): Problem {
  return notFound(`plan ${id}: plans are kept for an hour, and end after 10 minutes in which nobody reads them`);
}
