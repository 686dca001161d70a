import { randomUUID } from 'node:crypto';
import {
  type AccountNote,
  type JobStatus,
  type Plan,
  type Progress,
  type ReconciliationMode,
} from '#libs/contracts/index.js';
import type { Finding } from '#libs/schemas/findings.js';
import type { Caller } from '../auth/caller.js';
import type { Links } from '../onboardings/links.js';
import { splitBody } from '../plans/planner.js';
import { invalid, Problem } from '../problems/problem.js';
import type { CurrentAccount } from './account-reader.js';
import type { Amendments } from './amendments.js';
import type { AccountLine, Target } from './line.js';
import { requireMatch, requireRemovable, requireUninterrupted, requireUnprotected } from './refusals.js';

/** What queuing an amendment, an offboarding or a reconciliation is answered. */
export interface OperationAnswer {
  /** Null where nothing has to be done: the account stands by that spec. */
  operationId: string | null;
  status?: JobStatus;
  links?: Progress['links'];
  warnings?: Finding[];
}

export interface OperationOutcome {
  answer: OperationAnswer;
  /** True when an earlier request is answered again and nothing was queued. */
  replayed: boolean;
}

export interface AccountOperationsDeps {
  line: AccountLine;
  links: Links;
  amendments: Amendments;
}

/** What people ask of a live account. Each request is durable before it is answered; none needs a worker. */
export class AccountOperations {
  constructor(private readonly deps: AccountOperationsDeps) {}

  /**
   * Queues an amendment to another spec. @throws {Problem} every refusal of `docs/http.md` §4
   */
  async amend(caller: Caller, id: string, body: unknown, ifMatch: string | undefined): Promise<OperationOutcome> {
    const { line, amendments } = this.deps;
    const opened = await line.open(caller, id);
    const { current, target } = opened;
    line.requireStaying(target);
    requireMatch(ifMatch, target);
    const { spec: sent, value: planHash } = splitBody(body, 'planHash');
    if (planHash !== undefined && typeof planHash !== 'string') {
      throw invalid('invalid-spec', [{ pointer: '/planHash', message: 'must be text (a string)' }]);
    }
    const { plan, document, warnings } = await amendments.plan(caller, opened, sent);
    if (planHash !== undefined && planHash !== plan.planHash) {
      const detail = 'The plan of this spec is not the one with this planHash: look at the plan again.';
      throw new Problem('plan-changed', detail, { members: { planHash: plan.planHash } });
    }
    const same = this.same(current, target, plan);
    if (same) return { answer: { ...same, warnings }, replayed: same.operationId !== null };
    requireUnprotected(target, plan);
    const request = { ...line.request(caller), kind: 'amend' as const, plan };
    return { answer: { ...(await line.submit(current, request, document)), warnings }, replayed: false };
  }

  /** Queues an offboarding. Asked again while one waits or runs, that one is answered. */
  async offboard(
    caller: Caller,
    id: string,
    reason: string | undefined,
    ifMatch: string | undefined,
  ): Promise<OperationOutcome> {
    const { line } = this.deps;
    const { current, target } = await line.open(caller, id);
    const { request: last } = target;
    if (last?.kind === 'offboard') return { answer: this.again(current, last.runId), replayed: true };
    requireMatch(ifMatch, target);
    requireRemovable(target);
    const request = { ...line.request(caller), kind: 'offboard' as const, ...(reason === undefined ? {} : { reason }) };
    return { answer: await line.submit(current, request), replayed: false };
  }

  /** Queues a reconciliation. One of the same kind that waits already is answered. */
  async reconcile(
    caller: Caller,
    id: string,
    { mode, rewriteSecrets }: { mode: 'observe' | 'repair'; rewriteSecrets?: boolean | undefined },
  ): Promise<OperationOutcome> {
    const { line } = this.deps;
    const { current, target } = await line.open(caller, id);
    line.requireStaying(target);
    requireUninterrupted(current);
    const waiting = current.line.find(
      (each) =>
        each.kind === 'reconcile' &&
        each.mode === mode &&
        (each.rewriteSecrets ?? false) === (rewriteSecrets ?? false) &&
        each.runId !== current.running,
    );
    if (waiting) return { answer: this.again(current, waiting.runId), replayed: true };
    const rewrite = rewriteSecrets === undefined ? {} : { rewriteSecrets };
    const request = {
      ...line.request(caller),
      kind: 'reconcile' as const,
      mode,
      origin: 'person' as const,
      ...rewrite,
    };
    return { answer: await line.submit(current, request), replayed: false };
  }

  /** Sets the most that fleet runs may do to an account; taken between two operations. */
  async cap(
    caller: Caller,
    id: string,
    { mode, until, reason }: { mode: ReconciliationMode; until?: string | undefined; reason: string },
  ): Promise<{ commandId: string }> {
    const { line } = this.deps;
    const { current } = await line.open(caller, id);
    const commandId = randomUUID();
    const at = new Date().toISOString();
    const note: AccountNote = {
      kind: 'cap',
      id: commandId,
      at,
      cap: { mode, until: until === undefined ? null : new Date(until).toISOString(), by: caller.id, reason },
    };
    await line.note(current.state, note);
    return { commandId };
  }

  /** The answer where the last in line leads to this plan already; undefined where it does not. */
  private same(current: CurrentAccount, { plan, request }: Target, wanted: Plan): OperationAnswer | undefined {
    if (plan?.planHash !== wanted.planHash || plan.specHash !== wanted.specHash) return undefined;
    if (request) return this.again(current, request.runId);
    return current.state.state === 'interrupted' ? undefined : { operationId: null };
  }

  private again({ state, running }: CurrentAccount, runId: string): OperationAnswer {
    const status: JobStatus = running === runId ? 'running' : 'queued';
    return { operationId: runId, status, links: this.deps.links.job(state, runId, null) };
  }
}
