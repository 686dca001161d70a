import {
  cutOffPlans,
  interruptionBy,
  requestedPlan,
  type Plan,
  type PreviewInput,
  type Standing,
} from '#libs/contracts/index.js';
import { sameBody } from '#libs/planning/index.js';
import type { CurrentAccount } from '../accounts/account-reader.js';
import type { OpenedLine } from '../accounts/line.js';

/** From where a change of an account leads: what is recorded, or will be by the end of its line. */
export interface AmendmentBase extends Pick<PreviewInput, 'from' | 'cutOff' | 'inLine'> {
  /** True where an operation was cut off, so that more may stand than is recorded. */
  isInterrupted: boolean;
}

/** What a change that is asked for now would begin from: the last in line, where something waits or runs. */
export function amendmentBase({ current, target }: OpenedLine): AmendmentBase {
  const { recorded } = current;
  const cutOff = cutOffBefore(current);
  const from = target.plan && standingBy(target.plan, recorded);
  const inLine = target.request && target.plan ? changedBy(target.plan, recorded.plan, cutOff.length > 0) : [];
  return { from, cutOff, inLine, isInterrupted: cutOff.length > 0 };
}

/** What an offboarding that is asked for now would begin from. What operations in line may have made by now counts as cut off. */
export function offboardingBase({ current }: OpenedLine): Pick<PreviewInput, 'from' | 'cutOff'> {
  const { recorded, line, run } = current;
  const waiting = run.state === 'terminated' ? [] : line;
  const plans = [...waiting].reverse().flatMap((request) => requestedPlan(request) ?? []);
  return { from: standing(recorded), cutOff: [...plans, ...cutOffBefore(current)] };
}

/** What a repair that is asked for now would begin from. */
export function repairBase({ current, target }: OpenedLine): Pick<PreviewInput, 'from' | 'inLine'> {
  const { recorded } = current;
  const inLine = target.request && target.plan ? changedBy(target.plan, recorded.plan, false) : [];
  return { from: standing(recorded), inLine };
}

function standing({ plan, resources }: CurrentAccount['recorded']): Standing | null {
  return plan && { plan, resources };
}

function standingBy(plan: Plan, { resources }: CurrentAccount['recorded']): Standing {
  const keys = new Set(plan.nodes.map(({ key }) => key));
  return { plan, resources: resources.filter(({ key }) => keys.has(key)) };
}

/** Keys of the nodes that one plan has and another has not, or has otherwise. */
function changedBy(to: Plan, from: Plan | null, all: boolean): string[] {
  const before = new Map(from?.nodes.map((node) => [node.key, node]));
  const news = to.nodes.filter((node) => {
    const former = before.get(node.key);
    return all || !from || !former || !sameBody(former, from.texts, node, to.texts);
  });
  const kept = new Set(to.nodes.map(({ key }) => key));
  const gone = [...before.keys()].filter((key) => !kept.has(key));
  return [...news.map(({ key }) => key), ...gone];
}

/** Plans of operations that were cut off and never cleared up, latest first. */
function cutOffBefore({ recorded, state, line, run }: CurrentAccount): Plan[] {
  if (state.state !== 'interrupted' || (recorded.state === 'interrupted' && run.state !== 'terminated')) {
    return cutOffPlans(recorded);
  }
  return cutOffPlans({ interrupted: interruptionBy(recorded, line[0], new Date().toISOString()) });
}
