import { Command as Commander, CommanderError, InvalidArgumentError, Option } from 'commander';

import { accounts } from './commands/accounts.js';
import { addAudit } from './commands/audit.js';
import { acceptLeftovers, cancel, retry, rollback, type ControlOptions } from './commands/control.js';
import { handoff } from './commands/handoff.js';
import { list, onboard, status, watch } from './commands/onboardings.js';
import { plan } from './commands/plan.js';
import type { CliContext, Command } from './context.js';
import { errorText } from './errors.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { painter } from './render/text.js';
import { CHAINS } from '#libs/contracts/names.js';
import { JOB_STATUSES } from '#libs/contracts/progress.js';

const EXIT_CODES = `
Exit codes: 0 done, 1 usage or API error, 2 drift or planned changes found, 3 waiting for a person or held,
4 rolled back, cancelled or rejected, 5 rollback incomplete or interrupted.
Environment: GANGWAY_URL (default http://127.0.0.1:3000), GANGWAY_TOKEN (default: the key of the local API).`;

/** Runs one command line (without node and script) and answers its exit code; errors are told on `context.err`. */
export async function runCli(args: readonly string[], context: CliContext): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.done;
  const program = buildProgram(context, (code) => (exitCode = code));
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander has told its own faults already; help and version end it the same way, without being faults.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.error;
    context.err.write(`${painter(context.err)('red', 'error:')} ${errorText(error)}\n`);
    return EXIT.error;
  }
}

function buildProgram(context: CliContext, done: (code: ExitCode) => void): Commander {
  const program = new Commander('gangway')
    .description('Takes business accounts on board messaging platforms, and off again.')
    .exitOverride()
    .configureOutput({ writeOut: (text) => context.out.write(text), writeErr: (text) => context.err.write(text) })
    .showHelpAfterError('(see gangway --help)')
    .addHelpText('after', EXIT_CODES);

  /** Adds a command whose positional argument, if it has one, is an account's id. */
  function add<Options>(usage: string, summary: string, run: Command<Options>): Commander {
    const command = program.command(usage).description(summary);
    command.action(async (...given: unknown[]) => {
      const id = command.registeredArguments.length > 0 ? (given[0] as string | undefined) : undefined;
      const options = { ...command.opts(), ...(id === undefined ? {} : { id }) };
      done(await run(context, options as Options));
    });
    return command.option('--json', 'print JSON');
  }

  const spec = ['-f, --file <spec>', 'the spec, YAML or JSON; - for standard input'] as const;
  const runId = ['--run-id <runId>', 'an earlier run, or an operation; default: the latest onboarding'] as const;
  const waits = (command: Commander): Commander =>
    command
      .option('--wait', 'show progress until the job has ended or a person has to act')
      .option('--watch', 'show progress until the job has ended');
  const listed = (command: Commander): Commander =>
    command
      .option('--tenant <tenant>', 'only of this tenant')
      .addOption(new Option('--chain <chain>', 'only of this chain').choices(CHAINS))
      .option('--limit <count>', 'how many at most', positiveInteger, 100);
  const control = (verb: string, summary: string, run: Command<ControlOptions>): Commander =>
    waits(add(`${verb} <id>`, summary, run))
      .requiredOption('--reason <reason>', 'why; kept in the job’s history')
      .option(...runId);

  add('plan', 'show what an onboarding would do, writing nothing', plan)
    .requiredOption(...spec)
    .option('--offline', 'do not look at the vendors');
  waits(add('onboard', 'start an onboarding', onboard))
    .requiredOption(...spec)
    .option('--plan-hash <hash>', 'refuse unless the plan is still this one')
    .option('--idempotency-key <key>', 'repeating the call with the same key is the same start');
  add('status <id>', 'show the progress of a job', status).option(...runId);
  add('watch <id>', 'follow a job until it has ended', watch)
    .option(...runId)
    .option('--wait', 'stop also when a person has to act');
  listed(add('list', 'list onboardings, newest first', list)).addOption(
    new Option('--status <status>', 'only with this status').choices(JOB_STATUSES),
  );
  control('cancel', 'cancel a job: what it made is undone', cancel);
  control('retry', 'go on with a held job', retry).option('-f, --file <spec>', 'with a corrected spec');
  control('rollback', 'undo a held job, or try an incomplete rollback again', rollback);
  control('accept-leftovers', 'end a job whose rollback is incomplete', acceptLeftovers);
  waits(add('handoff <id>', 'show what a person is asked to do, or answer it', handoff))
    .option('--save <file>', 'save the file, byte for byte; - for standard output')
    .option(
      '--answer [file]',
      'hand clientId and clientSecret back, - for standard input; without a file they are asked for',
    )
    .option('--done', 'say that a removal or an update is done')
    .option('--reject <reason>', 'refuse: the job goes back')
    .option(...runId);
  listed(add('accounts [id]', 'list accounts, or show one', accounts)).option(
    '--drift <kind>',
    'only with this drift; true for any',
  );
  addAudit(program, context, done);
  return program;
}

function positiveInteger(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count < 1) throw new InvalidArgumentError('Give a whole number from 1.');
  return count;
}
