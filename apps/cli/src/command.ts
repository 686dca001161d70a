import { InvalidArgumentError, type Command as Commander } from 'commander';

import type { CliContext } from './context.js';
import type { ExitCode } from './exit-codes.js';

/** A command's own work; options are already checked. */
export type Command<Options> = (context: CliContext, options: Options) => Promise<ExitCode>;

/** A command as the command line knows it. A new one is one more of these in `commands/index.ts`. */
export interface CommandSpec {
  /** Its name and its argument, `status <id>`; an argument is handed on as an option of its name. */
  readonly usage: string;
  readonly summary: string;
  /** Adds its options; every command has `--json` besides. */
  readonly configure: (command: Commander) => Commander;
  readonly run: Command<never>;
}

/** Ties a command's work to its options. */
export function defineCommand<Options>(
  usage: string,
  summary: string,
  configure: (command: Commander) => Commander,
  run: Command<Options>,
): CommandSpec {
  return { usage, summary, configure, run };
}

/** `--file`, for commands that need a spec. */
export function withSpec(command: Commander): Commander {
  return command.requiredOption('-f, --file <spec>', 'the spec, YAML or JSON; - for standard input');
}

/** `--run-id`. */
export function withRunId(command: Commander): Commander {
  return command.option('--run-id <runId>', 'an earlier run; default: the latest onboarding');
}

/** `--wait` and `--watch`, for commands that start or steer a job (`AttendOptions`). */
export function withFollowing(command: Commander): Commander {
  return command
    .option('--wait', 'show progress until the job has ended or a person has to act')
    .option('--watch', 'show progress until the job has ended');
}

/** `--reason`, which every command to a job needs. */
export function withReason(command: Commander): Commander {
  return command.requiredOption('--reason <reason>', 'why; kept in the job’s history');
}

/** What narrows a list. */
export function withFilters(command: Commander): Commander {
  return command
    .option('--tenant <tenant>', 'only of this tenant')
    .option('--chain <chain>', 'only of this chain')
    .option('--limit <count>', 'how many at most', positiveInteger, 100);
}

/** Reads a number of at least one. */
export function positiveInteger(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count < 1) throw new InvalidArgumentError('Give a whole number from 1.');
  return count;
}

/** Reads a number of at least none. */
export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Give a whole number from 0.');
  return Number(text);
}
