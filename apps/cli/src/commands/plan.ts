import type { PlanAnswer } from '../api/answers.js';
import { paintOf, printJson, printLines, type Command } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { planLines, plansChanges } from '../render/plan-table.js';
import { readSpec } from '../spec-file.js';

/** Shows what an onboarding of this spec would do. Exit code 2 when it would change something at a vendor. */
export const plan: Command<{ file: string; offline?: boolean; json?: boolean }> = async (context, options) => {
  const body = await readSpec(options.file, context.stdin);
  const query = { offline: options.offline === true ? 'true' : undefined };
  const answer = (await context.client().call<PlanAnswer>('POST', '/plans', { body, query })).body;
  if (options.json === true) printJson(context, answer);
  else printLines(context, planLines(answer, paintOf(context)));
  return plansChanges(answer) ? EXIT.differs : EXIT.done;
};
