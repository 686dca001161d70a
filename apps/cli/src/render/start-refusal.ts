import type { AccountAnswer, PlanAnswer } from '../api/answers.js';
import { commandLine } from './next-steps.js';
import { plansChanges } from './plan-table.js';

/** Why a start would not carry a plan out. */
export interface Refusal {
  message: string;
  /** False where it depends on whether the spec is the one that is under way. */
  certain: boolean;
}

/** Returns why the account, as it stands, would not let a start carry the plan out; undefined when it would. */
export function startRefusal(plan: PlanAnswer, account: AccountAnswer | undefined): Refusal | undefined {
  switch (account?.state) {
    case undefined:
      return undefined;
    case 'live':
      if (!plansChanges(plan)) return undefined;
      return {
        message: `${plan.id} is on board: a start would not do this. With the spec that it stands by nothing is started, and another one is refused (account-exists).`,
        certain: true,
      };
    case 'interrupted':
      return {
        message: `${plan.id} is interrupted: a start would be refused until it is freed (docs/operations.md, "Interrupted").`,
        certain: true,
      };
    case 'offboarding':
      return { message: `${plan.id} is being offboarded: a start would be refused until that is over.`, certain: true };
    case 'onboarding':
    case 'changing':
      return {
        message: `${plan.id} has an operation under way: a start with another spec would be refused. See it with: ${commandLine(`status ${plan.id}`)}`,
        certain: false,
      };
  }
}
