import { setCurrentDetails, workflowInfo, type ContinueAsNewOptions } from '@temporalio/workflow';
import { accountId, driftKinds, registryMemo, type AccountState, type JsonObject } from '#libs/contracts/index.js';
import { attribute } from './attributes.js';
import { escape } from './details.js';

/** What the Temporal UI shows of an account. */
export function describeAccount(state: AccountState): void {
  const { chain, resources, lastOperation } = state;
  const id = escape(accountId(state));
  const drift = driftKinds(state.drift);
  setCurrentDetails(
    [
      `### ${state.state}`,
      `Account ${id}, chain ${chain}, ${String(resources.length)} object${resources.length === 1 ? '' : 's'} at the vendors`,
      ...(lastOperation ? [`Last operation: ${lastOperation.kind} ${lastOperation.status}`] : []),
      ...(drift === null ? [] : [`Drift: ${drift}`]),
      ...(state.queue.length === 0 ? [] : [`Waiting: ${state.queue.map(({ kind }) => kind).join(', ')}`]),
      `Its operations: filter by Account="${id}"`,
    ].join('\n\n'),
  );
}

/**
 * Memo and attributes of the run that follows, for a list and a start to read without the history. Given whole: of what is left out
 * the next run would have what the first one was started with.
 */
export function nextRun(state: AccountState): Pick<ContinueAsNewOptions, 'memo' | 'typedSearchAttributes'> {
  const { plan } = state;
  const hashes = plan && { specHash: plan.specHash, planHash: plan.planHash };
  const drift = driftKinds(state.drift);
  const { registry: _former, ...others } = workflowInfo().memo ?? {};
  const memo = { ...(others as JsonObject), ...hashes, state: state.state };
  return {
    memo: { ...memo, registry: registryMemo(state, memo) },
    typedSearchAttributes: [
      attribute('Tenant', state.tenant),
      attribute('Chain', state.chain),
      attribute('Account', accountId(state)),
      ...(drift === null ? [] : [attribute('Drift', drift)]),
    ],
  };
}
