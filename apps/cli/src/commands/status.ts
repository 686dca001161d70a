import { defineCommand, withRunId, type Command } from '../command.js';
import { printJson, printLines } from '../context.js';
import { exitCodeOf } from '../exit-codes.js';
import { attend, reportOf } from '../follow/attend.js';
import { readProgress } from '../follow/follow-run.js';

interface StatusOptions {
  id: string;
  runId?: string;
  json?: boolean;
}

/** Shows a job's progress once; the exit code tells how it stands. */
const status: Command<StatusOptions> = async (context, { id, runId, json }) => {
  const progress = await readProgress(context.client(), id, runId);
  if (json === true) printJson(context, progress);
  else printLines(context, await reportOf(context, progress));
  return exitCodeOf(progress);
};

/** Shows a job while it runs, until it has ended; with `wait` also no longer than until a person has to act. */
const watch: Command<StatusOptions & { wait?: boolean }> = (context, { id, runId, json, wait }) =>
  attend(context, id, {
    ...(runId === undefined ? {} : { runId }),
    json: json === true,
    wait: wait === true,
    watch: wait !== true,
  });

export const STATUS_COMMANDS = [
  defineCommand('status <id>', 'show the progress of a job', withRunId, status),
  defineCommand(
    'watch <id>',
    'follow a job until it has ended',
    (command) => withRunId(command).option('--wait', 'stop also when a person has to act'),
    watch,
  ),
];
