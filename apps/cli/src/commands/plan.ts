import { Option } from 'commander';

import type { AccountPlanAnswer, PendingPlan, PlanAnswer } from '../api/answers.js';
import { defineCommand, type Command } from '../command.js';
import { paintOf, printJson, printLines, widthOf, type CliContext } from '../context.js';
import { CliError } from '../errors.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { readyPlan } from '../follow/ready-plan.js';
import { accountPlanLines, planLines, plansChanges, stepsChange } from '../render/plan-table.js';
import { readSpec, withPlaces } from '../spec/read-spec.js';

interface PlanOptions {
  id?: string;
  file?: string;
  offboard?: boolean;
  repair?: boolean;
  offline?: boolean;
  json?: boolean;
}

/**
 * Shows what a start of a spec, or a change of the account that is there, would do; or, of an account, what an offboarding or a repair
 * would. Exit code 2 when something would change at a vendor; 1 when it would be refused, or end in a conflict before it writes anything.
 */
const plan: Command<PlanOptions> = async (context, { id, file, offboard, repair, ...options }) => {
  const operation = offboard === true ? 'offboard' : repair === true ? 'repair' : undefined;
  if (id === undefined) {
    if (operation !== undefined)
      throw new CliError(`--${operation} is of an account: name it, as plan <id> --${operation}`);
    if (file === undefined) throw new CliError('give a spec by --file, or an account with --offboard or --repair');
    return planOfSpec(context, file, options);
  }
  if (file !== undefined) throw new CliError('a spec names its account itself: give --file or an account, not both');
  if (operation === undefined) throw new CliError(`say what of ${id} is to be planned: --offboard or --repair`);
  if (options.offline === true) throw new CliError(`--offline is of a plan of a spec: --${operation} has to look`);
  return planOfAccount(context, id, operation, options);
};

async function planOfSpec(context: CliContext, file: string, { offline, json }: PlanOptions): Promise<ExitCode> {
  const spec = await readSpec(file, context.stdin);
  const query = { offline: offline === true ? 'true' : undefined };
  const call = context.client().call<PlanAnswer | PendingPlan>('POST', '/plans', { body: spec.value, query });
  const { body: answer } = await readyPlan(context, await withPlaces(spec, call));
  if (json === true) printJson(context, answer);
  else printLines(context, planLines(answer, file, { paint: paintOf(context), width: widthOf(context) }));
  if (answer.conflicts.length > 0) return EXIT.error;
  return plansChanges(answer) ? EXIT.differs : EXIT.done;
}

async function planOfAccount(
  context: CliContext,
  id: string,
  operation: AccountPlanAnswer['operation'],
  { json }: PlanOptions,
): Promise<ExitCode> {
  const path = `/accounts/${encodeURIComponent(id)}/plan`;
  const { body } = await context.client().call<AccountPlanAnswer>('GET', path, { query: { operation } });
  if (json === true) printJson(context, body);
  else printLines(context, accountPlanLines(body, { paint: paintOf(context), width: widthOf(context) }));
  return stepsChange(body) ? EXIT.differs : EXIT.done;
}

export const PLAN_COMMAND = defineCommand(
  'plan [id]',
  'show what a spec, an offboarding or a repair would do, writing nothing',
  (command) =>
    command
      .option('-f, --file <spec>', 'the spec, YAML or JSON; - for standard input')
      .option('--offline', 'do not look at the vendors')
      .addOption(new Option('--offboard', 'of the account: what taking it off would do').conflicts('repair'))
      .addOption(new Option('--repair', 'of the account: what a repair would do').conflicts('offboard')),
  plan,
);
