import {
  conflictFault,
  handoffCode,
  type CheckResult,
  type DriftKind,
  type EnsureResult,
  type Handoff,
  type InspectResult,
  type Leftover,
  type LookResult,
  type Outcome,
  type OwnedResource,
  type PlanNode,
  type RemoveResult,
  type StepError,
  type StepProgress,
  type StepStatus,
  type Verb,
} from '#libs/contracts/index.js';
import type { PendingStep, StepFault } from './events.js';

/**
 * Where a step stands by the history alone. `asking`: handed to a person. `stopped`: cut off by a cancellation or a sibling's failure;
 * undo comes next. `skipped`: handed to a person who never took it up.
 */
export type StepPhase =
  | 'pending'
  | 'ensuring'
  | 'asking'
  | 'done'
  | 'failed'
  | 'stopped'
  | 'undoing'
  | 'undone'
  | 'kept'
  | 'undo-failed'
  | 'skipped';

export interface StepState {
  node: PlanNode;
  phase: StepPhase;
  /** True once its `ensure` has been scheduled: undo covers it. */
  touched: boolean;
  origin: Outcome | null;
  externalId: string | null;
  attempt: number;
  startedAt: string | null;
  endedAt: string | null;
  lastError: StepError | null;
  /** Why its `ensure` failed for good; shown again once undo is over. */
  ensureError: StepError | null;
  undoMessage: string | null;
  leftover: Leftover | null;
  /** True for what an amendment removes. */
  removal: boolean;
  /** Key of the step that takes over its object in place of its removal; undefined: none does. */
  carrier?: string;
  /** What a reconciliation has found of it; undefined in every other operation. */
  drift?: DriftKind | null;
}

/** A step that nothing has happened to. */
export function freshStep(node: PlanNode): StepState {
  return {
    node,
    phase: 'pending',
    touched: false,
    origin: null,
    externalId: null,
    attempt: 0,
    startedAt: null,
    endedAt: null,
    lastError: null,
    ensureError: null,
    undoMessage: null,
    leftover: null,
    removal: false,
  };
}

/** A step that stands already as it is wanted. */
export function standingStep(node: PlanNode, recorded: Pick<OwnedResource, 'externalId'> | undefined): StepState {
  const origin = node.waits === true ? null : 'unchanged';
  return { ...freshStep(node), phase: 'done', origin, externalId: recorded?.externalId ?? null };
}

/** A fault as a step shows it. */
export function stepError(fault: StepFault, retryAt: string | null): StepError {
  const { code, message, httpStatus, vendorCode } = fault;
  return { code, message, httpStatus, vendorCode, retryAt };
}

/**
 * An activity of the step was scheduled. Looks, observes and settles leave the phase as it is. `back`: the operation leads back to what
 * was recorded.
 */
export function scheduled(step: StepState, verb: Verb, at: string, back = false): void {
  if (verb === 'ensure' && back) {
    Object.assign(step, { phase: 'undoing', touched: true, attempt: 1, endedAt: null, leftover: null });
  } else if (verb === 'ensure') {
    Object.assign(step, { phase: 'ensuring', touched: true, attempt: 1, lastError: null, ensureError: null });
    step.startedAt ??= at;
    step.endedAt = null;
  } else if (verb === 'remove') {
    Object.assign(step, { phase: 'undoing', attempt: 1, endedAt: null, leftover: null });
  }
}

/** An activity of the step ended well. */
export function completed(step: StepState, verb: Verb, result: unknown, at: string): void {
  if (verb === 'ensure' && step.phase === 'undoing') {
    const { externalId, message } = result as EnsureResult;
    if (step.node.waits !== true) step.externalId = externalId;
    Object.assign(step, { phase: 'undone', undoMessage: message, endedAt: at, lastError: step.ensureError });
  } else if (verb === 'ensure') {
    const { outcome, externalId } = result as EnsureResult;
    const condition = step.node.waits === true;
    step.phase = 'done';
    step.origin = condition ? null : outcome;
    step.externalId = condition ? null : externalId;
    step.endedAt = at;
    if (step.lastError?.code === 'NOT_READY') step.lastError = null;
  } else if (verb === 'remove') {
    const { outcome, message } = result as RemoveResult;
    step.phase = outcome === 'kept' || outcome === 'restored' ? 'kept' : 'undone';
    step.undoMessage = message;
    step.endedAt = at;
    step.lastError = step.ensureError;
  } else if (verb === 'check') {
    const found = result as CheckResult;
    if (found.state === 'refused') refused(step, { code: 'CREDENTIALS_REJECTED', message: found.message });
    else if (step.phase === 'undoing') {
      step.undoMessage = found.message;
    } else {
      step.origin ??= 'created';
      step.externalId = found.externalId;
      step.lastError = null;
    }
  }
}

/** What a person answered is not right: the step goes on waiting. */
function refused(step: StepState, fault: Pick<StepFault, 'code' | 'message'>): void {
  step.lastError = stepError({ ...fault, httpStatus: null, vendorCode: null, externalId: null }, null);
}

/** A task of the step was handed to a person, or what is known of it has changed. */
export function handedOver(step: StepState, { kind, state, note }: Handoff, at: string): void {
  const back = kind === 'remove';
  switch (state) {
    case 'open':
      Object.assign(step, { phase: back ? 'undoing' : 'asking', touched: true, endedAt: null });
      if (back) step.leftover = null;
      else step.ensureError = null;
      step.startedAt ??= at;
      return;
    case 'checking':
      step.attempt = 1;
      if (!back) step.phase = 'ensuring';
      return;
    case 'accepted':
      step.phase = back ? 'undone' : 'done';
      step.endedAt = at;
      step.lastError = back ? step.ensureError : null;
      return;
    case 'rejected':
    case 'overdue': {
      const code = handoffCode(state);
      const message = note ?? 'the hand-off ended without an answer';
      failed(step, back ? 'remove' : 'ensure', { ...NO_ANSWER, code, message }, at);
      return;
    }
    case 'stopped':
      stopped(step, back ? 'remove' : 'ensure', at);
      return;
    case 'skipped':
      step.phase = 'skipped';
      step.undoMessage = note;
      step.endedAt = at;
  }
}

const NO_ANSWER = { httpStatus: null, vendorCode: null, externalId: null } as const;

/** An activity of the step failed for good. */
export function failed(step: StepState, verb: Verb, fault: StepFault, at: string): void {
  step.lastError = stepError(fault, null);
  if (verb === 'check') return; // the person is asked again
  step.endedAt = at;
  if (verb === 'remove' || step.phase === 'undoing') {
    step.phase = 'undo-failed';
    const externalId = fault.externalId ?? step.externalId ?? '';
    step.leftover = { key: step.node.key, externalId, reason: `${fault.code}: ${fault.message}` };
  } else {
    step.phase = 'failed';
    step.ensureError = step.lastError;
    step.startedAt ??= at;
  }
}

/** An activity of the step was cancelled. What it did is settled by undo. */
export function stopped(step: StepState, verb: Verb, at: string): void {
  if (verb !== 'ensure') return;
  step.phase = 'stopped';
  step.endedAt = at;
}

/** Conflicts that a look saw end the job before anything is written: their steps have failed. */
export function conflictsOf(result: unknown): { key: string; fault: (title: string) => StepFault }[] {
  const { findings } = result as LookResult;
  return findings
    .filter((finding) => finding.action === 'conflict')
    .map((finding) => ({
      key: finding.key,
      fault: (title) => ({
        ...conflictFault(finding, title),
        httpStatus: null,
        vendorCode: null,
        externalId: finding.externalId,
      }),
    }));
}

/** Objects of dropped nodes that a look has given to others: who had it, and who takes it over. */
export function carriedOver(result: unknown): { from: string; to: string }[] {
  return (result as LookResult).findings.flatMap(({ key, carries }) =>
    carries === undefined ? [] : [{ from: carries, to: key }],
  );
}

/** The step that has taken over an object stands: there is nothing left to remove of the one that had it. */
export function handedTo(step: StepState, carrier: StepState, at: string): void {
  step.phase = 'kept';
  step.undoMessage = `Its object is that of ${carrier.node.title} now.`;
  step.startedAt ??= at;
  step.endedAt = at;
}

/** What a reading has shown of a step's object. */
export function inspected(step: StepState, { drift }: InspectResult, at: string): void {
  step.drift = drift.find(({ key }) => key === step.node.key)?.kind ?? null;
  step.phase = 'done';
  step.startedAt ??= at;
  step.endedAt = at;
}

/** The step as the API shows it. `pending` are its open activity's live facts; `closed` tells that nothing more will happen. */
export function stepProgress(step: StepState, pending: PendingStep | undefined, closed: boolean): StepProgress {
  const { node } = step;
  const live = pending?.lastFault ? stepError(pending.lastFault, pending.nextAttemptAt) : null;
  const lastError = live ?? step.lastError;
  return {
    key: node.key,
    vendor: node.vendor,
    resource: node.resource,
    title: node.title,
    status: statusOf(step, pending, closed),
    origin: step.origin,
    needs: node.needs,
    externalId: step.externalId,
    attempt: pending ? pending.attempt : step.attempt,
    startedAt: step.startedAt,
    endedAt: step.endedAt,
    lastError,
    ...(step.drift === undefined ? {} : { drift: step.drift }),
  };
}

function statusOf(step: StepState, pending: PendingStep | undefined, closed: boolean): StepStatus {
  switch (step.phase) {
    case 'pending':
      if (closed) return 'skipped';
      return pending?.verb === 'look' && pending.lastFault ? 'retrying' : 'pending';
    case 'ensuring':
      if (closed) return 'failed';
      if (step.node.waits === true) return 'waiting';
      return pending?.lastFault && pending.lastFault.code !== 'NOT_READY' ? 'retrying' : waitingOr('running', pending);
    case 'asking':
      return closed ? 'failed' : 'waiting';
    case 'stopped':
      return closed ? 'failed' : 'undoing';
    case 'undoing':
      return closed ? 'undo-failed' : 'undoing';
    default:
      return step.phase;
  }
}

function waitingOr(status: StepStatus, pending: PendingStep | undefined): StepStatus {
  return pending?.lastFault?.code === 'NOT_READY' ? 'waiting' : status;
}
