import type { AccountAnswer, PendingPlan, PlanAnswer } from '../api/answers.js';
import { ApiProblem } from '../api/problem.js';
import { defineCommand, withSpec, type Command } from '../command.js';
import { note, paintOf, printJson, printLines, widthOf, type CliContext } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { readyPlan } from '../follow/ready-plan.js';
import { planLines, plansChanges } from '../render/plan-table.js';
import { startRefusal } from '../render/start-refusal.js';
import { readSpec, withPlaces } from '../spec/read-spec.js';

interface PlanOptions {
  file: string;
  offline?: boolean;
  json?: boolean;
}

/**
 * Shows what an onboarding of this spec would do. Exit code 2 when it would change something at a vendor; 1 when it would be refused,
 * or end in a conflict before it writes anything.
 */
const plan: Command<PlanOptions> = async (context, options) => {
  const spec = await readSpec(options.file, context.stdin);
  const query = { offline: options.offline === true ? 'true' : undefined };
  const call = context.client().call<PlanAnswer | PendingPlan>('POST', '/plans', { body: spec.value, query });
  const { body: answer } = await readyPlan(context, await withPlaces(spec, call));
  const account = await findAccount(context, answer.id);
  const refusal = startRefusal(answer, account);
  if (options.json === true) {
    printJson(context, answer);
    if (refusal !== undefined) note(context, refusal.message);
  } else printLines(context, planLines(answer, refusal, { paint: paintOf(context), width: widthOf(context) }));
  if (refusal?.certain === true || answer.conflicts.length > 0) return EXIT.error;
  return plansChanges(answer) ? EXIT.differs : EXIT.done;
};

/** The account as it stands; undefined where there is none, and, which is told, where the caller may not read accounts. */
async function findAccount(context: CliContext, id: string): Promise<AccountAnswer | undefined> {
  try {
    return (await context.client().call<AccountAnswer>('GET', `/accounts/${encodeURIComponent(id)}`)).body;
  } catch (error) {
    if (!(error instanceof ApiProblem) || (error.status !== 404 && error.status !== 403)) throw error;
    if (error.status === 403) note(context, `whether ${id} is on board was not looked at: the key lacks accounts:read`);
    return undefined;
  }
}

export const PLAN_COMMAND = defineCommand(
  'plan',
  'show what an onboarding would do, writing nothing',
  (command) => withSpec(command).option('--offline', 'do not look at the vendors'),
  plan,
);
