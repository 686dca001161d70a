import { accountId, type ForeseenStep } from '#libs/contracts/index.js';
import type { AccountLine, OpenedLine } from '../accounts/line.js';
import { requireRemovable, requireUninterrupted } from '../accounts/refusals.js';
import type { Caller } from '../auth/caller.js';
import { offboardingBase, repairBase } from './amendment-base.js';
import type { Looks } from './looks.js';

/** What an operation that needs no spec would do to an account (`docs/http.md` §4). */
export interface AccountPlanAnswer {
  id: string;
  operation: 'offboard' | 'repair';
  /** In the order in which they would be done. */
  steps: Omit<ForeseenStep, 'leftover'>[];
}

/** Dry runs of an offboarding and of a repair. They write nothing. */
export class AccountPlans {
  constructor(
    private readonly line: AccountLine,
    private readonly looks: Looks,
  ) {}

  /** @throws {Problem} what the operation itself is refused with; `no-worker`, `vendor-fault`, `too-many-previews` */
  async plan(
    caller: Caller,
    id: string,
    operation: AccountPlanAnswer['operation'],
    gone: AbortSignal,
  ): Promise<AccountPlanAnswer> {
    const opened = await this.line.open(caller, id);
    const base = operation === 'offboard' ? leaving(opened) : this.repairing(opened);
    const input = { operation, ...base, to: operation === 'repair' ? (base.from?.plan ?? null) : null };
    const { steps } = await this.looks.run(input, { caller: caller.id, gone });
    const shown = steps.map(({ leftover: _left, ...step }) => step);
    return { id: accountId(opened.current.state), operation, steps: shown };
  }

  private repairing(opened: OpenedLine): ReturnType<typeof repairBase> {
    this.line.requireStaying(opened.target);
    requireUninterrupted(opened.current);
    return repairBase(opened);
  }
}

function leaving(opened: OpenedLine): ReturnType<typeof offboardingBase> {
  requireRemovable(opened.target);
  return offboardingBase(opened);
}
