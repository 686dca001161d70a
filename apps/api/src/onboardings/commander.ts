import { randomUUID } from 'node:crypto';
import { WorkflowNotFoundError } from '@temporalio/common';
import {
  accountId,
  COMMAND_SIGNAL,
  commandFits,
  mayBecomeHandoff,
  type Command,
  type CommandVerb,
  type Plan,
  type WaitingFor,
} from '#libs/contracts/index.js';
import type { Engine } from '#libs/history/engine.js';
import type { RunRef } from '#libs/history/event.js';
import type { LoadedJob } from '#libs/history/load-job.js';
import type { Finding } from '#libs/fields/findings.js';
import { waitOf } from '#libs/progress/index.js';
import { GRPC, grpcCode } from '#libs/temporal/grpc-errors.js';
import { requireScope, type Caller } from '../auth/caller.js';
import type { Planner } from '../plans/planner.js';
import { requireJobSize } from '../plans/spec-size.js';
import { invalid, Problem } from '../problems/problem.js';
import type { Jobs } from './jobs.js';
import { commandMisfit, commandTooLate } from './sentences.js';

export interface CommandRequest {
  id: string;
  runId: string | undefined;
  reason: string;
  /** `retry`: the corrected spec. */
  spec?: unknown;
}

/** What people command of an operation; answers to hand-offs come another way. */
export type SteeringVerb = Exclude<CommandVerb, 'handoff' | 'handoff-fetched'>;

/** A command that is on its way: its id, and the job that it is for. */
export interface TakenCommand {
  commandId: string;
  runId: string;
  /** There when nobody can take it up now: it is kept, and takes effect later. */
  waitingFor?: WaitingFor;
}

export interface CommanderDeps {
  engine: Engine;
  jobs: Jobs;
  planner: Planner;
}

/** Sends commands to jobs. A command is a signal: durable, and taken also while no worker is up. */
export class Commander {
  constructor(private readonly deps: CommanderDeps) {}

  /**
   * A corrected spec takes the right to start besides that to command: it says what is made.
   * @throws {Problem} `not-found`, `wrong-status`, `missing-scope`, and for a corrected spec what a start refuses it for.
   */
  async send(caller: Caller, verb: SteeringVerb, request: CommandRequest): Promise<TakenCommand> {
    if (request.spec !== undefined) requireScope(caller, 'onboardings:write');
    const loaded = await this.deps.jobs.loadTarget(caller, request.id, request.runId);
    requireFit(verb, loaded);
    const facts = {
      id: randomUUID(),
      runId: loaded.located.runId,
      by: caller.id,
      reason: request.reason,
      at: new Date().toISOString(),
    };
    const command: Command =
      verb === 'retry'
        ? {
            ...facts,
            verb,
            ...(request.spec === undefined ? {} : { plan: await this.correctedPlan(caller, loaded, request) }),
          }
        : { ...facts, verb };
    await this.deliver(command, loaded);
    return { commandId: command.id, runId: command.runId, ...heldUp(loaded) };
  }

  private async correctedPlan(
    caller: Caller,
    { located, job }: LoadedJob,
    { id, spec }: CommandRequest,
  ): Promise<Plan> {
    const { plan } = await this.deps.planner.plan(caller, spec).catch((error: unknown) => {
      throw underSpec(error);
    });
    if (accountId(plan) !== id || plan.chain !== job.plan.chain) {
      const message = `must be of the account ${id} and its chain ${job.plan.chain}`;
      throw invalid('invalid-spec', [{ pointer: '/spec', message }]);
    }
    const moved = movedConnections(job.plan, plan);
    if (moved.length > 0) throw invalid('invalid-spec', moved);
    const workflowId = located.operation?.workflowId;
    requireJobSize(await this.deps.engine.decoder.encodedSize(plan, workflowId), spec);
    return plan;
  }

  /** Sends a command that fits. @throws {Problem} `wrong-status` when the job has ended meanwhile */
  async deliver(command: Command, { located }: LoadedJob): Promise<void> {
    const { engine } = this.deps;
    const { operation, account, queued } = located;
    // One that waits goes on from run to run: whichever the account is at has it.
    const target = operation ?? (account && { workflowId: account.workflowId, runId: undefined });
    if (!target) throw gone(command.verb);
    try {
      const handle = engine.client.workflow.getHandle(target.workflowId, target.runId);
      await engine.call(() => handle.signal(COMMAND_SIGNAL, command));
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) throw gone(command.verb);
      throw error;
    }
    // The signal alone cancels the job; the native cancel makes Temporal show it as cancelled. It would hit what runs before it, too.
    const isFirst = queued?.history.state.plan === null && queued.history.operation === null;
    if (command.verb === 'cancel' && account && (operation ?? isFirst)) await this.cancelNatively(account, command.id);
  }

  /** Addressed to the account's run that holds the operation: a late one hits nothing (`docs/temporal.md` §7.4). */
  private async cancelNatively(workflowExecution: RunRef, commandId: string): Promise<void> {
    const { engine } = this.deps;
    try {
      await engine.call(() =>
        engine.service.requestCancelWorkflowExecution({
          namespace: engine.namespace,
          workflowExecution,
          reason: `command ${commandId}`,
          requestId: commandId,
        }),
      );
    } catch (error) {
      if (grpcCode(error) !== GRPC.notFound) throw error; // it has closed: the signal found the job all the same
    }
  }
}

/** A job stays with its connections; only a node that a person goes on with changes, at the same account of the vendor. */
function movedConnections(from: Plan, to: Plan): Finding[] {
  const before = new Map(from.nodes.map((node) => [node.key, node]));
  const moved = to.nodes.flatMap((node) => {
    const former = before.get(node.key);
    if (!former || former.connection === node.connection || mayBecomeHandoff(former, node)) return [];
    return [[node.vendor, former.connection] as const];
  });
  return [...new Map(moved)].map(([vendor, name]) => ({
    pointer: `/spec/connections/${vendor}`,
    message: `must stay ${name}: a job takes another connection only to be handed to a person at the same account of the vendor`,
  }));
}

/** A job whose workflow nobody carries on takes no command up, however long it is kept. */
function heldUp({ job, live }: LoadedJob): Pick<TakenCommand, 'waitingFor'> {
  const waitingFor = waitOf(job, live)?.waitingFor;
  if (waitingFor?.kind === 'engine') return { waitingFor };
  const untaken = typeof live?.taskWaitsSince === 'string';
  return waitingFor?.kind === 'worker' && untaken ? { waitingFor } : {};
}

function requireFit(verb: CommandVerb, { job }: LoadedJob): void {
  if (!job.closed && commandFits(verb, job.status, job.request.kind)) return;
  throw new Problem('wrong-status', commandMisfit(verb, job), { members: { jobStatus: job.status } });
}

function gone(verb: CommandVerb): Problem {
  return new Problem('wrong-status', commandTooLate(verb));
}

/** The spec of a retry stands in a field of the body: its findings point there. */
function underSpec(error: unknown): unknown {
  if (!(error instanceof Problem) || !error.extras.errors) return error;
  const errors = error.extras.errors.map(({ pointer, message }) => ({ pointer: `/spec${pointer}`, message }));
  return new Problem(error.slug, error.detail, { ...error.extras, errors });
}
