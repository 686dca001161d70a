import type { FaultRuleInput } from '#apps/sandbox/src/faults/rules.js';
import type { Sandbox } from '#apps/sandbox/src/server.js';
import { drawOf, type Cell } from './cells.js';
import { HITS } from './faults.js';
import type { Lane } from './lanes.js';

const RULE = 'cell';

/** Puts a cell's fault in force. */
export function strike({ chain, id, target, fault, persistence }: Cell, { sandbox, times }: Lane, seed: number): void {
  const { vendor, resource, operation } = target;
  const settleMs = times.settleMs.reduce((sum, ms) => sum + ms, 0);
  const rules = chain.provoke(sandbox, target);
  if (fault.effect) {
    rules.push({
      id: RULE,
      match: { vendor, resource, operation } as FaultRuleInput['match'],
      ...(persistence === 'for good' ? {} : { times: HITS[persistence] }),
      effect: fault.effect({ deadlineMs: times.timeoutMs, settleMs, draw: drawOf(seed, id) }),
    });
  }
  sandbox.setFaults(rules);
  if (fault.knobs) sandbox.setKnobs(fault.knobs.during(persistence));
}

/** Whether a call has met the fault. */
export function wasMet({ target, fault: { knobs } }: Cell, sandbox: Sandbox): boolean {
  if (!knobs) return sandbox.faults().some(({ id, hits }) => id === RULE && hits > 0);
  return sandbox
    .state({ objects: false })
    .ledger.some(
      ({ vendor, resource, operation, status }) =>
        vendor === target.vendor &&
        resource === target.resource &&
        operation === target.operation &&
        status === knobs.status,
    );
}

/** Takes the fault away for good. */
export function lift({ fault }: Cell, sandbox: Sandbox): void {
  sandbox.setFaults([]);
  if (fault.knobs) sandbox.setKnobs(fault.knobs.after);
}
