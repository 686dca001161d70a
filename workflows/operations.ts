import {
  cutOffPlans,
  interruptionBy,
  standingOf,
  SWEEP_WORKFLOW,
  type AccountState,
  type CloseDetails,
  type OperationInput,
  type OperationKind,
  type OperationRecord,
  type OperationRequest,
  type OperationResult,
  type Plan,
} from '#libs/contracts/index.js';
import { withFormerTraces, withTruthfulTraces } from './traces.js';

/** What an account does with one kind of operation: which workflow performs it, what it is given, what its result makes of the state. */
export interface OperationRow<R extends OperationRequest = OperationRequest> {
  /** Workflow type. Histories hold it: a rename is a migration. */
  workflow: string;
  /** First word of the summary in the Temporal UI. */
  verb: string;
  /** The account's state while the operation runs. */
  during: AccountState['state'];
  /** Why the account cannot perform it as it stands; undefined where it can. */
  refusal(state: AccountState, request: R): string | undefined;
  /** The transition that it is. */
  transition(
    state: AccountState,
    request: R,
  ): Pick<OperationInput, 'from' | 'to' | 'interrupted' | 'interruptedBefore' | 'reconcile' | 'sweep'>;
  /** The state once it has succeeded; null: nothing is left of the account. */
  fold(state: AccountState, request: R, result: OperationResult, now: string): AccountState | null;
}

type Rows = { [Kind in OperationKind]?: OperationRow<Extract<OperationRequest, { kind: Kind }>> };

/** The kinds that this version performs. */
const OPERATIONS: Rows = {
  onboard: {
    workflow: 'onboardAccount',
    verb: 'Onboard',
    during: 'onboarding',
    refusal: (state) => (state.plan ? 'The account is on board already.' : undefined),
    transition: (_state, { plan }) => ({ from: null, to: plan }),
    fold: (state, { plan }, { resources, plan: corrected }) => live(state, { plan: corrected ?? plan, resources }),
  },
  amend: {
    workflow: 'amendAccount',
    verb: 'Amend',
    during: 'changing',
    refusal: (state, { plan }) =>
      state.plan?.spec['protect'] === true && removes(state.plan, plan)
        ? 'The account is protected, and the new plan would remove something.'
        : undefined,
    transition: (state, { plan }) => ({ from: standingOf(state), to: plan, ...interrupted(state) }),
    fold: (state, { plan }, { resources, plan: corrected }) => {
      const after = { plan: corrected ?? plan, resources };
      return live(state, { ...after, resources: withTruthfulTraces(standingOf(state), after) });
    },
  },
  offboard: {
    workflow: 'offboardAccount',
    verb: 'Offboard',
    during: 'offboarding',
    refusal: (state) => (state.plan?.spec['protect'] === true ? 'The account is protected.' : undefined),
    transition: (state) => ({ from: standingOf(state), to: null, ...interrupted(state) }),
    fold: () => null,
  },
  reconcile: {
    workflow: 'reconcileAccount',
    verb: 'Reconcile',
    during: 'live',
    refusal: (state) => {
      if (state.state === 'interrupted') return 'The account is interrupted: amend it or take it off first.';
      return state.plan ? undefined : 'Nothing is recorded that could be compared.';
    },
    transition: (state, { mode, rewriteSecrets, origin }) => ({
      from: standingOf(state),
      to: state.plan,
      reconcile: {
        mode,
        origin,
        ...(rewriteSecrets === undefined ? {} : { rewriteSecrets }),
        ...(state.drift ? { drift: state.drift } : {}),
      },
    }),
    fold: (state, { mode }, { resources, drift, repair }, now) => {
      const differs = (drift?.entries.length ?? 0) > 0;
      const repaired = (repair?.repaired.length ?? 0) > 0;
      const status = differs ? 'drifted' : repaired ? 'repaired' : 'in-sync';
      const { plan } = state;
      const traced = plan ? withTruthfulTraces(standingOf(state), { plan, resources }) : resources;
      return { ...withDrift(state, drift), resources: traced, lastReconciliation: { at: now, mode, status } };
    },
  },
  sweep: {
    workflow: SWEEP_WORKFLOW,
    verb: 'Sweep',
    during: 'offboarding',
    refusal: (state) =>
      state.plan || state.resources.length > 0 ? 'The account is there: nothing of it is swept.' : undefined,
    transition: (_state, { connection, targets }) => ({ from: null, to: null, sweep: { connection, targets } }),
    fold: () => null,
  },
};

/** The row of a request's kind; undefined for one that this version cannot perform. */
export function operationRow(request: OperationRequest): OperationRow | undefined {
  return OPERATIONS[request.kind];
}

/**
 * The state once an operation has ended without success. Null: nothing is left of the account, or what is left was accepted.
 */
export function afterFailure(
  state: AccountState,
  operation: OperationRequest,
  details: CloseDetails,
  lastOperation: OperationRecord,
): AccountState | null {
  const accepted = details.status === 'rollback-incomplete';
  const resources = withFormerTraces(state.resources, details.resources ?? state.resources);
  if (operation.kind === 'offboard' && !accepted && state.interrupted) {
    // Stopped amid the clean-up: what was cut off before may stand still, whether or not it is recorded.
    return { ...state, state: 'interrupted', resources, lastOperation };
  }
  if (state.plan === null || (operation.kind === 'offboard' && accepted)) return null;
  const { interrupted: _over, ...rest } = state;
  const unread = operation.kind === 'reconcile' && details.status === 'failed';
  const at = lastOperation.endedAt ?? '';
  const last = unread ? { lastReconciliation: { at, mode: operation.mode, status: 'failed' as const } } : {};
  const next: AccountState = { ...rest, ...last, state: 'live', resources, lastOperation };
  return details.drift ? withDrift(next, details.drift) : next;
}

/**
 * The state once an operation was terminated, or broke in a way that says nothing. Null: it was of no account, and an account that is
 * not there must not come to be by it.
 */
export function afterCutOff(state: AccountState, operation: OperationRequest, now: string): AccountState | null {
  if (operation.kind === 'sweep') return null;
  return { ...state, state: 'interrupted', interrupted: interruptionBy(state, operation, now) };
}

/** A state with what differs now; without any where nothing does and everything can be seen. */
export function withDrift(state: AccountState, drift: AccountState['drift']): AccountState {
  const { drift: _before, ...rest } = state;
  const nothing = !drift || (drift.entries.length === 0 && (drift.unseen ?? []).length === 0);
  return nothing ? rest : { ...rest, drift };
}

function live(
  state: AccountState,
  { plan, resources }: { plan: Plan; resources: AccountState['resources'] },
): AccountState {
  const { interrupted: _over, drift: _gone, ...rest } = state;
  return { ...rest, state: 'live', plan, resources };
}

function interrupted(state: AccountState): Pick<OperationInput, 'interrupted' | 'interruptedBefore'> {
  const [plan, ...before] = cutOffPlans(state);
  if (!plan) return {};
  return { interrupted: plan, ...(before.length > 0 ? { interruptedBefore: before } : {}) };
}

/** Whether a plan lacks a node that another has. */
export function removes(from: Plan, to: Plan): boolean {
  const keys = new Set(to.nodes.map(({ key }) => key));
  return from.nodes.some(({ key }) => !keys.has(key));
}
