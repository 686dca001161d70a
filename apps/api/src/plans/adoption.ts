import type { Rights } from '#libs/config/rights.js';
import type { AccountRef, Plan } from '#libs/contracts/index.js';
import { requireScope, type Caller } from '../auth/caller.js';
import { invalid } from '../problems/problem.js';

export interface AdoptionDeps {
  rights: Pick<Rights, 'mayAdopt'>;
  /** Keys of the nodes that an account takes over already, or has taken over. */
  adopted: (account: AccountRef) => Promise<ReadonlySet<string>>;
}

/**
 * Whether a plan may take over what others made: by a scope of its own, and by each connection. Asked only for what the account does
 * not take over already. The worker judges the connections again.
 * @throws {Problem} `missing-scope`, or `invalid-spec` at `/adopt`
 */
export async function requireAdoption(caller: Caller, plan: Plan, { rights, adopted }: AdoptionDeps): Promise<void> {
  const asked = plan.nodes.filter(({ adopt, waits }) => adopt && waits !== true);
  const allowed = asked.every(({ connection }) => rights.mayAdopt(connection));
  if (asked.length === 0 || (allowed && caller.scopes.includes('onboardings:adopt'))) return;
  const known = await adopted(plan);
  const news = asked.filter(({ key }) => !known.has(key));
  if (news.length === 0) return;
  requireScope(caller, 'onboardings:adopt');
  const forbidden = [
    ...new Set(news.filter(({ connection }) => !rights.mayAdopt(connection)).map((node) => node.connection)),
  ];
  if (forbidden.length === 0) return;
  const message =
    `asks to take over objects on ${forbidden.join(' and ')}, where that is not allowed: name only nodes of other connections, or ` +
    'have an operator set adopt: true there';
  throw invalid('invalid-spec', [{ pointer: '/adopt', message }]);
}
