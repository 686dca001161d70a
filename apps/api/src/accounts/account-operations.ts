import { randomUUID } from 'node:crypto';
import {
  accountId,
  mayBecomeHandoff,
  type AccountNote,
  type JobStatus,
  type Plan,
  type Progress,
  type ReconciliationMode,
} from '#libs/contracts/index.js';
import type { Finding } from '#libs/fields/findings.js';
import type { Sealer } from '#libs/secrets/sealer.js';
import type { Caller } from '../auth/caller.js';
import type { Links } from '../onboardings/links.js';
import { splitBody, type Planner } from '../plans/planner.js';
import { invalid, Problem } from '../problems/problem.js';
import type { CurrentAccount } from './account-reader.js';
import type { AccountLine, Target } from './line.js';
import { fillPlaceholders, keepSeals } from './placeholders.js';

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
  planner: Planner;
  sealer: Sealer;
}

/** What people ask of a live account. Each request is durable before it is answered; none needs a worker. */
export class AccountOperations {
  constructor(private readonly deps: AccountOperationsDeps) {}

  /**
   * Queues an amendment to another spec. @throws {Problem} every refusal of `docs/http.md` §4
   */
  async amend(caller: Caller, id: string, body: unknown, ifMatch: string | undefined): Promise<OperationOutcome> {
    const { line, planner, sealer } = this.deps;
    const { current, target } = await line.open(caller, id);
    line.requireStaying(target);
    requireMatch(ifMatch, target);
    const { spec: sent, value: planHash } = splitBody(body, 'planHash');
    const stands = target.plan ?? current.state.interrupted?.plan ?? null;
    const { spec, findings } = fillPlaceholders(sent, stands, (sealed, field) =>
      sealer.open(sealed, { accountId: id, field }),
    );
    if (findings.length > 0) throw invalid('invalid-spec', findings);
    if (planHash !== undefined && typeof planHash !== 'string') {
      throw invalid('invalid-spec', [{ pointer: '/planHash', message: 'must be text (a string)' }]);
    }
    const planned = await planner.plan(caller, spec);
    const moved = stayFindings(stands, planned.plan, id, current.state.chain);
    if (moved.length > 0) throw invalid('invalid-spec', moved);
    const plan = keepSeals(planned.plan, stands, sealer, id);
    if (planHash !== undefined && planHash !== plan.planHash) {
      const detail = 'The plan of this spec is not the one with this planHash: look at the plan again.';
      throw new Problem('plan-changed', detail, { members: { planHash: plan.planHash } });
    }
    const { warnings } = planned;
    const same = this.same(current, target, plan);
    if (same) return { answer: { ...same, warnings }, replayed: same.operationId !== null };
    requireUnprotected(target, plan);
    const request = { ...line.request(caller), kind: 'amend' as const, plan };
    return { answer: { ...(await line.submit(current, request, spec)), warnings }, replayed: false };
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
    if (target.plan?.spec['protect'] === true)
      throw protectedBy(
        target.plan,
        target.plan.nodes.map(({ key }) => key),
      );
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
    if (current.state.state === 'interrupted') {
      throw new Problem(
        'interrupted',
        'The account is interrupted: bring it to a spec by PUT, or take it off by DELETE.',
      );
    }
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

/** @throws {Problem} `spec-changed` unless the header names the spec of the last in line. */
function requireMatch(header: string | undefined, { plan }: Target): void {
  if (header === undefined || header.trim() === '*') return;
  const tags = header.split(',').map((tag) =>
    tag
      .trim()
      .replace(/^W\//, '')
      .replace(/^"(.*)"$/, '$1'),
  );
  if (plan && tags.includes(plan.specHash)) return;
  throw new Problem('spec-changed', 'The spec has changed since it was read: read the account again.', {
    members: { specHash: plan?.specHash ?? null },
  });
}

/** @throws {Problem} `protected` when the plan would remove something of an account that is protected. */
function requireUnprotected({ plan }: Target, wanted: Plan): void {
  if (plan?.spec['protect'] !== true) return;
  const keys = new Set(wanted.nodes.map(({ key }) => key));
  const gone = plan.nodes.flatMap(({ key }) => (keys.has(key) ? [] : [key]));
  if (gone.length > 0) throw protectedBy(plan, gone);
}

function protectedBy(plan: Plan, keys: string[]): Problem {
  const detail = `${accountId(plan)} is protected: amend it with "protect": false first.`;
  return new Problem('protected', detail, { members: { keys } });
}

/** Findings for what must stay as it is: tenant, account, chain, and the connections. */
function stayFindings(from: Plan | null, to: Plan, id: string, chain: Plan['chain']): Finding[] {
  const findings: Finding[] = [];
  const [tenant, account] = id.split('.');
  if (to.tenant !== tenant) findings.push({ pointer: '/tenant', message: `must stay ${tenant ?? ''}` });
  if (to.account !== account) findings.push({ pointer: '/account', message: `must stay ${account ?? ''}` });
  if (to.chain !== chain) findings.push({ pointer: '/chain', message: `must stay ${chain}` });
  const before = new Map(from?.nodes.map((node) => [node.vendor, node]));
  const named = new Set<string>();
  for (const node of to.nodes) {
    const former = before.get(node.vendor);
    if (!former || former.connection === node.connection || named.has(node.vendor)) continue;
    const samePlace = former.place !== undefined && former.place === node.place;
    if (samePlace || mayBecomeHandoff(former, node)) continue;
    named.add(node.vendor);
    findings.push({ pointer: `/connections/${node.vendor}`, message: `must stay ${former.connection}` });
  }
  return findings;
}
