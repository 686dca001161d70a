import { randomUUID } from 'node:crypto';
import { WorkflowFailedError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import {
  accountId,
  previewWorkflowId,
  WORKFLOW_TASK_QUEUE,
  type JsonObject,
  type LookFinding,
  type OwnedResource,
  type Plan,
  type PlanNode,
} from '#libs/contracts/index.js';
import { liveFacts } from '#libs/history/describe.js';
import type { Engine } from '#libs/history/engine.js';
import { redactBody } from '#libs/onboarding/index.js';
import { undoOrder } from '#libs/planning/index.js';
import type { Finding } from '#libs/fields/findings.js';
import { GRPC, grpcCode } from '#libs/temporal/grpc-errors.js';
import type { AccountReader } from '../accounts/account-reader.js';
import type { Caller } from '../auth/caller.js';
import { Problem } from '../problems/problem.js';
import type { Planner } from './planner.js';

/** How long a plan's look at the vendors may take. Milliseconds. */
const LOOK_TIMEOUT_MS = 15_000;

/** A plan as the API shows it (`docs/http.md` §4). */
export interface PlanAnswer {
  id: string;
  planHash: string;
  nodes: PlannedNode[];
  /** Node keys in the order in which they would be undone. */
  undo: string[];
  conflicts: { key: string; reason: string; externalId: string | null }[];
  warnings: Finding[];
}

export interface PlannedNode extends Pick<PlanNode, 'key' | 'vendor' | 'resource' | 'connection' | 'title' | 'needs'> {
  body: JsonObject;
  /** What an onboarding would do now; null when the vendors were not looked at. */
  action: LookFinding['action'] | null;
  reason: string | null;
  externalId: string | null;
}

export interface PreviewsDeps {
  engine: Engine;
  planner: Planner;
  accounts: AccountReader;
}

/** Dry runs: plans, with what stands at the vendors. They write nothing. */
export class Previews {
  constructor(private readonly deps: PreviewsDeps) {}

  /** @throws {Problem} `invalid-spec`, `no-worker`, `vendor-fault`. */
  async preview(caller: Caller, body: unknown, offline: boolean): Promise<PlanAnswer> {
    const { plan, warnings } = await this.deps.planner.plan(caller, body);
    const findings = offline ? new Map<string, LookFinding>() : await this.look(plan);
    return {
      id: accountId(plan),
      planHash: plan.planHash,
      nodes: plan.nodes.map((node) => plannedNode(plan, node, findings.get(node.key))),
      undo: undoOrder(plan),
      conflicts: [...findings.values()]
        .filter(({ action }) => action === 'conflict')
        .map(({ key, reason, externalId }) => ({ key, reason, externalId })),
      warnings: [...warnings, ...plan.nodes.flatMap((node) => seenWarnings(node, findings.get(node.key)))],
    };
  }

  private async look(plan: Plan): Promise<Map<string, LookFinding>> {
    const { engine, accounts } = this.deps;
    const known = await accounts.resources(plan);
    const handle = await engine.call(() =>
      engine.client.workflow.start<(input: PreviewInput) => Promise<PreviewResult>>('previewPlan', {
        workflowId: previewWorkflowId(randomUUID()),
        taskQueue: WORKFLOW_TASK_QUEUE,
        args: [{ plan, known }],
      }),
    );
    const { findings } = await this.resultOf(handle);
    return new Map(findings.map((finding) => [finding.key, finding]));
  }

  private async resultOf(handle: PreviewHandle): Promise<PreviewResult> {
    const { connection } = this.deps.engine;
    try {
      return await connection.withDeadline(Date.now() + LOOK_TIMEOUT_MS, () => handle.result());
    } catch (error) {
      if (error instanceof WorkflowFailedError) throw vendorFault(error);
      if (grpcCode(error) !== GRPC.deadlineExceeded) throw error;
      throw await this.timedOut(handle);
    }
  }

  /** Nobody waits for the look any more: it is ended, and the caller is told what held it up. */
  private async timedOut(handle: PreviewHandle): Promise<Problem> {
    const { engine } = this.deps;
    const live = await liveFacts(engine, { workflowId: handle.workflowId, runId: handle.firstExecutionRunId });
    await engine.call(() => handle.terminate('nobody waits for it any more'));
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
}

interface PreviewInput {
  plan: Plan;
  known: OwnedResource[];
}
interface PreviewResult {
  findings: LookFinding[];
}
type PreviewHandle = WorkflowHandle<(input: PreviewInput) => Promise<PreviewResult>> & { firstExecutionRunId: string };

/** What the look warns of concerns the spec as a whole: no field of it is wrong. */
function seenWarnings({ title }: PlanNode, finding: LookFinding | undefined): Finding[] {
  return (finding?.warnings ?? []).map((message) => ({ pointer: '', message: `${title}: ${message}` }));
}

function plannedNode(plan: Plan, node: PlanNode, finding: LookFinding | undefined): PlannedNode {
  const { key, vendor, resource, connection, title, needs } = node;
  return {
    key,
    vendor,
    resource,
    connection,
    title,
    needs,
    body: redactBody(node, plan.texts),
    action: finding?.action ?? null,
    reason: finding?.reason ?? null,
    externalId: finding?.externalId ?? null,
  };
}

function vendorFault(error: WorkflowFailedError): Problem {
  const { cause } = error;
  if (!(cause instanceof ApplicationFailure)) {
    return new Problem('internal-error', 'The look at the vendors broke.', { cause: error });
  }
  return new Problem('vendor-fault', cause.message, { members: { code: cause.type ?? null }, cause: error });
}
