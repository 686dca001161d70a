import { accountId } from '#libs/contracts/index.js';
import type { Sealer } from '#libs/secrets/sealer.js';
import type { Caller } from '../auth/caller.js';
import type { PlannedSpec, Planner } from '../plans/planner.js';
import { invalid } from '../problems/problem.js';
import type { OpenedLine } from './line.js';
import { fillPlaceholders, keepSeals } from './placeholders.js';
import { stayFindings } from './refusals.js';

/** A spec that an account that is there is to be brought to, with its plan. */
export interface PlannedAmendment extends Omit<PlannedSpec, 'spec'> {
  /** What was sent, its placeholders filled in. */
  document: unknown;
}

/**
 * Plans a change of an account, the same way for a dry run and for the change itself: what `GET` shows may be sent back, what is recorded
 * keeps its seals, and what must stay stays.
 */
export class Amendments {
  constructor(
    private readonly planner: Planner,
    private readonly sealer: Sealer,
  ) {}

  /** @throws {Problem} `invalid-spec` with all findings, `tenant-not-allowed`, `missing-scope` for taking over */
  async plan(caller: Caller, { current, target }: OpenedLine, body: unknown): Promise<PlannedAmendment> {
    const { sealer } = this;
    const id = accountId(current.state);
    const stands = target.plan ?? current.state.interrupted?.plan ?? null;
    const { spec: document, findings } = fillPlaceholders(body, stands, (sealed, field) =>
      sealer.open(sealed, { accountId: id, field }),
    );
    if (findings.length > 0) throw invalid('invalid-spec', findings);
    const { plan, warnings } = await this.planner.plan(caller, document);
    const moved = stayFindings(stands, plan, id, current.state.chain);
    if (moved.length > 0) throw invalid('invalid-spec', moved);
    return { document, plan: keepSeals(plan, stands, sealer, id), warnings };
  }
}
