import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType, type SearchAttributePair } from '@temporalio/common';
import {
  accountId,
  accountWorkflowId,
  WORKFLOW_TASK_QUEUE,
  type AccountMemo,
  type AccountState,
  type JobStatus,
  type OperationRequest,
  type Plan,
  type Progress,
  type SearchAttribute,
} from '#libs/contracts/index.js';
import { describeAccount, type AccountRun } from '#libs/history/describe.js';
import type { Engine } from '#libs/history/engine.js';
import { loadJob } from '#libs/history/load-job.js';
import { locateJob } from '#libs/history/locate.js';
import type { Finding } from '#libs/fields/findings.js';
import type { Caller } from '../auth/caller.js';
import type { AccountReader } from '../accounts/account-reader.js';
import { placeholderFindings } from '../accounts/placeholders.js';
import { sha256, splitBody, type PlannedSpec, type Planner } from '../plans/planner.js';
import { requireJobSize } from '../plans/spec-size.js';
import { invalid, Problem } from '../problems/problem.js';
import type { Links } from './links.js';
import type { TenantQuotas } from './tenant-quotas.js';

/** How long a start waits for an account whose onboarding has just been undone to let go of its id. Milliseconds. */
const LET_GO_MS = 3_000;
const LET_GO_PAUSE_MS = 50;
/** Ends of a job after which its account lets go of its id. */
const UNDONE: readonly JobStatus[] = ['rolled-back', 'cancelled', 'rejected', 'rollback-incomplete'];

/** What a start is answered. */
export interface StartAnswer {
  id: string;
  runId: string;
  status: JobStatus;
  links: Progress['links'];
  warnings: Finding[];
}

export interface StartedJob {
  answer: StartAnswer;
  /** True when an earlier start of the same spec is answered again and nothing was started. */
  replayed: boolean;
}

export interface StarterDeps {
  accounts: AccountReader;
  engine: Engine;
  planner: Planner;
  links: Links;
  quotas: TenantQuotas;
}

/** Starts onboardings. The account's workflow id is the lock: of any number of starts one wins (`docs/http.md` §4.1). */
export class Starter {
  constructor(private readonly deps: StarterDeps) {}

  /** @throws {Problem} every refusal of a start. */
  async start(caller: Caller, body: unknown, idempotencyKey: string | undefined): Promise<StartedJob> {
    const { spec, value: planHash } = splitBody(body, 'planHash');
    const wrongHash = planHash !== undefined && typeof planHash !== 'string';
    const placeholders = placeholderFindings(spec);
    if (placeholders.length > 0) throw invalid('invalid-spec', placeholders);
    const planned = await this.deps.planner.plan(caller, spec);
    if (wrongHash) throw invalid('invalid-spec', [{ pointer: '/planHash', message: 'must be text (a string)' }]);
    if (planHash !== undefined && planHash !== planned.plan.planHash) {
      const detail = 'The plan of this spec is not the one with this planHash: look at the plan again.';
      throw new Problem('plan-changed', detail, { members: { planHash: planned.plan.planHash } });
    }
    return this.startPlanned(caller, planned, spec, idempotencyKey);
  }

  private async startPlanned(
    caller: Caller,
    planned: PlannedSpec,
    document: unknown,
    idempotencyKey: string | undefined,
  ): Promise<StartedJob> {
    const { engine, links } = this.deps;
    const { plan, warnings } = planned;
    const runId = randomUUID();
    const state = this.firstState(caller, plan, runId);
    const workflowId = accountWorkflowId(plan);
    requireJobSize(await engine.decoder.encodedSize(state, workflowId), document);
    const idempotency = idempotencyKey === undefined ? '' : sha256(idempotencyKey);
    const giveUpAt = Date.now() + LET_GO_MS;
    for (;;) {
      const existing = accountOf(await describeAccount(engine, workflowId));
      const replay = existing && (await this.compare(existing, plan, idempotency));
      if (replay) return { answer: { id: accountId(plan), ...replay, warnings }, replayed: true };
      const free = existing === undefined || existing.state === 'ended';
      if (free && (await this.startWithinQuota(state, plan, runId, idempotency))) {
        const answer = { runId, status: 'queued' as const, links: links.job(plan, runId, null), warnings };
        return { answer: { id: accountId(plan), ...answer }, replayed: false };
      }
      if (Date.now() > giveUpAt) throw inProgress('The onboarding before is being closed: try again in a moment.');
      await pause(LET_GO_PAUSE_MS);
    }
  }

  /** False when somebody else was faster. @throws {Problem} `quota-exceeded` */
  private async startWithinQuota(...wanted: Parameters<Starter['tryStart']>): Promise<boolean> {
    const [, { tenant }] = wanted;
    const giveBack = await this.deps.quotas.take(tenant);
    let started = false;
    try {
      started = await this.tryStart(...wanted);
    } finally {
      if (!started) giveBack();
    }
    return started;
  }

  /** False when somebody else was faster. */
  private async tryStart(state: AccountState, plan: Plan, runId: string, idempotency: string): Promise<boolean> {
    const { engine } = this.deps;
    const memo: AccountMemo = {
      runId,
      specHash: plan.specHash,
      planHash: plan.planHash,
      state: 'onboarding',
      chain: plan.chain,
      idempotency,
      ...(idempotency === '' ? {} : { idempotencySpecHash: plan.specHash }),
    };
    try {
      await engine.call(() =>
        engine.client.workflow.start('account', {
          workflowId: accountWorkflowId(plan),
          taskQueue: WORKFLOW_TASK_QUEUE,
          args: [state],
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          workflowIdConflictPolicy: 'FAIL',
          memo,
          typedSearchAttributes: [
            keyword('Job', runId),
            keyword('OnboardingStatus', 'queued'),
            keyword('Tenant', plan.tenant),
            keyword('Chain', plan.chain),
            keyword('Account', accountId(plan)),
          ],
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
      throw error;
    }
  }

  /**
   * What an account that is there, or was, means for a start: the answer that is given again, or a refusal. Undefined when its
   * onboarding has been undone and it lets go, or is about to: then a start makes a new one, unless it brings the key of that one.
   */
  private async compare(
    { state, memo }: AccountRun,
    plan: Plan,
    idempotency: string,
  ): Promise<Pick<StartAnswer, 'runId' | 'status' | 'links'> | undefined> {
    const { engine, links, accounts } = this.deps;
    if (state === 'terminated' || memo.state === 'interrupted') throw interrupted();
    const sameKey = idempotency !== '' && memo.idempotency === idempotency;
    if (state === 'ended' && !sameKey) return undefined;
    const runId = memo.runId ?? '';
    const located = await locateJob(engine, plan, runId);
    const loaded = located && (await loadJob(engine, located));
    if (state === 'ended' && !loaded) return undefined; // Temporal keeps it no longer
    const status = loaded?.job.status ?? 'succeeded';
    if (status === 'interrupted') throw interrupted();
    if (!sameKey && loaded?.job.closed && UNDONE.includes(status)) return undefined;
    // The account notes that its operation was terminated only once a worker serves it: until then the operation itself tells.
    const current = state === 'ended' ? undefined : await accounts.current(plan);
    if (current?.state.state === 'interrupted') throw interrupted();
    if (sameKey && (memo.idempotencySpecHash ?? memo.specHash) !== plan.specHash) {
      throw new Problem('idempotency-key-reused', 'This key was sent before with another spec for this account.');
    }
    if (sameKey) return { runId, status, links: links.job(plan, runId, located?.operation ?? null) };
    if (!current) return undefined;
    const offboarding = current.line.find(({ kind }) => kind === 'offboard');
    if (offboarding)
      throw busy('offboarding-in-progress', 'The account is being taken off: start again once it is.', offboarding);
    // The memo tells of a corrected spec only once the job has succeeded: until then the job's history does.
    const specHash = (memo.state === 'onboarding' ? loaded?.job.plan.specHash : undefined) ?? memo.specHash;
    if (specHash === plan.specHash) {
      return { runId, status, links: links.job(plan, runId, located?.operation ?? null) };
    }
    if (memo.state === 'onboarding' && status !== 'succeeded') {
      throw inProgress('An onboarding of this account with another spec is under way.', runId);
    }
    const running = current.line.find((each) => each.kind !== 'onboard' && each.runId === current.running);
    if (running)
      throw busy('operation-in-progress', 'Another operation of the account is under way: change it by PUT.', running);
    throw new Problem(
      'account-exists',
      'The account is on board with another spec. GET /v1/accounts/{id} shows the one it stands by; PUT there changes it.',
    );
  }

  private firstState(caller: Caller, plan: Plan, runId: string): AccountState {
    return {
      version: 1,
      tenant: plan.tenant,
      account: plan.account,
      chain: plan.chain,
      state: 'onboarding',
      plan: null,
      resources: [],
      queue: [
        {
          kind: 'onboard',
          runId,
          by: caller.id,
          at: new Date().toISOString(),
          plan,
          publicUrl: this.deps.links.publicUrl,
        },
      ],
      lastOperation: null,
      commands: [],
    };
  }
}

/** Whoever holds the lock to remove orphans is no account. @throws {Problem} `onboarding-in-progress` while it does */
function accountOf(run: AccountRun | undefined): AccountRun | undefined {
  if (run?.memo.sweep !== true) return run;
  if (run.state !== 'running') return undefined;
  throw inProgress('Objects that a former account of this id has left are being removed: try again in a moment.');
}

function keyword(name: SearchAttribute, value: string): SearchAttributePair {
  return { key: defineSearchAttributeKey(name, SearchAttributeType.KEYWORD), value };
}

function busy(
  slug: 'offboarding-in-progress' | 'operation-in-progress',
  detail: string,
  { runId, kind }: OperationRequest,
): Problem {
  return new Problem(slug, detail, { members: { operation: { id: runId, kind, status: 'running' } } });
}

function inProgress(detail: string, runId?: string): Problem {
  return new Problem('onboarding-in-progress', detail, runId === undefined ? {} : { members: { runId } });
}

function interrupted(): Problem {
  const detail =
    'An operation of this account was terminated in Temporal itself, and objects of it may still stand: bring it to a spec by ' +
    'PUT /v1/accounts/{id}, or take it off by DELETE.';
  return new Problem('interrupted', detail);
}
