import { createHash, randomUUID } from 'node:crypto';
import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType, type SearchAttributePair } from '@temporalio/common';
import {
  adhocReconciliationId,
  FLEET_CANCEL_SIGNAL,
  FLEET_WORKFLOW,
  fleetMemo,
  reconciliationWorkflowId,
  scheduleOfReconciliation,
  WORKFLOW_TASK_QUEUE,
  type FleetCancel,
  type ReconcileFleetInput,
  type SearchAttribute,
} from '#libs/contracts/index.js';
import type { Finding } from '#libs/fields/findings.js';
import { reconciliationSchema, type ReconciliationBody } from '#libs/schemas/reconciliation.schema.js';
import type { Caller } from '../auth/caller.js';
import type { Engine } from '#libs/history/engine.js';
import { describeFleetRun, readFleetRuns, type FleetRun } from '#libs/history/fleet-runs.js';
import type { Links, ReconciliationLinks } from '../onboardings/links.js';
import { Problem } from '../problems/problem.js';
import { requestFindings } from '../problems/request-validation.js';
import { ofScope } from './fleet-query.js';
import { isOver, maySee, reconciliationIdOf, type ReconciliationReader } from './reconciliation-reader.js';
import { requireFit, tenantFindings } from './scope-rights.js';

/** Rows in which runs of the same scope are looked for: those under way come first. */
const LOOKED_AT = 100;
/** Ids that are tried before one is drawn. */
const TRIES = 5;

/** What a start is answered. */
export interface StartedReconciliation {
  id: string;
  links: ReconciliationLinks;
}

type Wanted = Pick<ReconcileFleetInput, 'mode' | 'tenant' | 'chain' | 'from'>;

/** Starts and stops runs over the fleet. Both are durable before they are answered, and need no worker. */
export class FleetStarter {
  constructor(
    private readonly engine: Engine,
    private readonly reader: ReconciliationReader,
    private readonly links: Links,
  ) {}

  /**
   * Starts a run, unless one of the same mode and scope is under way: that one is answered.
   * @throws {Problem} `invalid-request` with everything that is wrong; `tenant-not-allowed`
   */
  async start(caller: Caller, body: unknown): Promise<{ answer: StartedReconciliation; replayed: boolean }> {
    const findings = requestFindings(reconciliationSchema, body);
    const further = findings.some(({ pointer }) => pointer === '/from') ? [] : await this.furtherFindings(caller, body);
    requireFit(caller, body, [...findings, ...further]);
    const input = await this.inputOf(caller, reconciliationSchema.parse(body));
    // One look for both: what a second one saw besides would give the start another id than that of who asked at the same time.
    const { rows } = await readFleetRuns(this.engine, ofScope(input), LOOKED_AT, null);
    const running = await this.underWay(rows, input);
    const { run, replayed } = running ? { run: running, replayed: true } : await this.startNew(rows, input);
    return { answer: { id: run.id, links: this.links.reconciliation(run.id, run) }, replayed };
  }

  /** Asks a run to end after its open calls. @throws {Problem} `not-found`; `wrong-status` for one that is over */
  async cancel(caller: Caller, id: string, reason: string): Promise<{ commandId: string }> {
    const { run } = await this.reader.require(caller, id);
    if (run.state !== 'running') throw over(run);
    const command: FleetCancel = { id: randomUUID(), by: caller.id, reason, at: new Date().toISOString() };
    const handle = this.engine.client.workflow.getHandle(run.workflowId, run.runId);
    try {
      await this.engine.call(() => handle.signal(FLEET_CANCEL_SIGNAL, command));
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) throw over(run);
      throw error;
    }
    return { commandId: command.id };
  }

  /** What no schema knows: whose tenants these are, and what `from` names. */
  private async furtherFindings(caller: Caller, body: unknown): Promise<Finding[]> {
    const { from } = fieldsOf(body);
    if (typeof from !== 'string') return tenantFindings(caller, body);
    const run = await this.approved(caller, from);
    return 'message' in run ? [{ pointer: '/from', message: run.message }] : [];
  }

  /** The observe run that `from` names, or why it names none. */
  private async approved(caller: Caller, from: string): Promise<FleetRun | { message: string }> {
    const found = await this.reader.find(from);
    if (!found || !maySee(caller, found.run)) return { message: 'names no run that is there: take the id of a list' };
    const { run } = found;
    if (run.memo?.mode !== 'observe') return { message: 'must be the id of an observe run: that one repairs' };
    return isOver(run.status) ? run : { message: 'names a run that is not over: wait for its end' };
  }

  private async inputOf(caller: Caller, body: ReconciliationBody): Promise<ReconcileFleetInput> {
    const { mode, from, removeOrphans = false, maxRepairs, maxRemovals, stopShare, stopCount } = body;
    const memo = from === undefined ? undefined : (await this.reader.require(caller, from)).run.memo;
    const tenant = memo ? memo.tenant : (body.tenant ?? null);
    const chain = memo ? memo.chain : (body.chain ?? null);
    return {
      schedule: null,
      by: caller.id,
      ...{ mode, tenant, chain, tenants: tenant === null ? null : [tenant] },
      from: from === undefined ? null : reconciliationIdOf(from),
      removeOrphans,
      ...(maxRepairs === undefined ? {} : { maxRepairs }),
      ...(maxRemovals === undefined ? {} : { maxRemovals }),
      ...(stopShare === undefined ? {} : { stopShare }),
      ...(stopCount === undefined ? {} : { stopCount }),
      publicUrl: this.links.publicUrl,
    };
  }

  /** A run of the same mode and scope that is under way now. */
  private async underWay(rows: readonly FleetRun[], wanted: Wanted): Promise<FleetRun | undefined> {
    const same = rows.find((run) => run.state === 'running' && isSame(run, wanted));
    if (!same) return undefined;
    const now = await describeFleetRun(this.engine, same.id); // a list may be late
    return now?.run.state === 'running' ? now.run : undefined;
  }

  /**
   * Starts a run under an id that follows from what is asked for and from the run before it: of several who ask at the same time, on any
   * replica, one starts it and the others are answered with that one.
   */
  private async startNew(
    rows: readonly FleetRun[],
    input: ReconcileFleetInput,
  ): Promise<{ run: FleetIdentity; replayed: boolean }> {
    let before = latestAsked(rows);
    for (let tries = 0; tries < TRIES; tries += 1) {
      const id = adhocReconciliationId(uuidOf([input.mode, input.tenant, input.chain, input.from, before]));
      const run = await this.tryStart(id, input);
      if (run) return { run, replayed: false };
      const other = await describeFleetRun(this.engine, id);
      if (other?.run.state === 'running') return { run: other.run, replayed: true };
      before = id; // it is over already, and no list had it yet
    }
    const run = await this.tryStart(adhocReconciliationId(randomUUID()), input);
    if (!run) throw new Error('a random id was taken');
    return { run, replayed: false };
  }

  /** Undefined when the id is taken. */
  private async tryStart(id: string, input: ReconcileFleetInput): Promise<FleetIdentity | undefined> {
    const { client } = this.engine;
    const workflowId = reconciliationWorkflowId(id);
    try {
      const handle = await this.engine.call(() =>
        client.workflow.start(FLEET_WORKFLOW, {
          workflowId,
          taskQueue: WORKFLOW_TASK_QUEUE,
          args: [input],
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
          workflowIdConflictPolicy: 'FAIL',
          memo: fleetMemo(input),
          typedSearchAttributes: fleetAttributes(id, input),
        }),
      );
      return { id, workflowId, runId: handle.firstExecutionRunId };
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return undefined;
      throw error;
    }
  }
}

type FleetIdentity = Pick<FleetRun, 'id' | 'workflowId' | 'runId'>;

/** The attributes of a run: `job` is its schedule's name, or the id of one that somebody asked for. */
export function fleetAttributes(
  job: string,
  { tenant, chain }: Pick<ReconcileFleetInput, 'tenant' | 'chain'>,
): SearchAttributePair[] {
  return [
    keyword('Job', job),
    ...(tenant === null ? [] : [keyword('Tenant', tenant)]),
    ...(chain === null ? [] : [keyword('Chain', chain)]),
  ];
}

function keyword(name: SearchAttribute, value: string): SearchAttributePair {
  return { key: defineSearchAttributeKey(name, SearchAttributeType.KEYWORD), value };
}

/** The id of the latest run that somebody asked for; null for none. */
function latestAsked(rows: readonly FleetRun[]): string | null {
  const asked = rows.filter(({ id }) => scheduleOfReconciliation(id) === null);
  return asked.sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1))[0]?.id ?? null;
}

function isSame({ memo }: FleetRun, { mode, tenant, chain, from }: Wanted): boolean {
  return memo?.mode === mode && memo.tenant === tenant && memo.chain === chain && memo.from === from;
}

function over({ status }: FleetRun): Problem {
  const now = isOver(status) ? ` (${status})` : '';
  return new Problem('wrong-status', `The run is over${now}: there is nothing to stop.`);
}

/** A UUID of version 8 that follows from what it is made of. */
function uuidOf(parts: readonly (string | null)[]): string {
  const hex = createHash('sha256').update(JSON.stringify(parts)).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function fieldsOf(body: unknown): Readonly<Record<string, unknown>> {
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
}
