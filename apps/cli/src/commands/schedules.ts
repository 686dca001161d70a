import { Option, type Command as Commander } from 'commander';

import { FLEET_MODES } from '#libs/contracts/fleet.js';

import type { ScheduleAnswer, ScheduleItem } from '../api/answers.js';
import { defineCommand, positiveInteger, wholeNumber, type Command } from '../command.js';
import { paintOf, printJson, printLines, widthOf, type CliContext } from '../context.js';
import { CliError } from '../errors.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { scheduleLines } from '../render/schedule-lines.js';
import { showList } from './show-list.js';

interface SchedulesOptions {
  name?: string;
  cron?: string;
  every?: string;
  timezone?: string;
  jitter?: string;
  mode?: string;
  tenant?: string;
  chain?: string;
  removeOrphans?: boolean;
  maxRepairs?: number;
  maxRemovals?: number;
  delete?: boolean;
  pause?: boolean;
  resume?: boolean;
  limit: number;
  json?: boolean;
}

/** Fields of a body that options of the same name give. */
const FIELDS = [
  'cron',
  'every',
  'timezone',
  'jitter',
  'mode',
  'tenant',
  'chain',
  'removeOrphans',
  'maxRepairs',
  'maxRemovals',
] as const;

/** Lists schedules, shows one, sets it, pauses or resumes it, or takes it away. Exit code 2 when the one that is shown is overdue. */
const schedules: Command<SchedulesOptions> = async (context, options) => {
  const { name } = options;
  const acts = (['delete', 'pause', 'resume'] as const).filter((act) => options[act] === true);
  const given = FIELDS.filter((field) => options[field] !== undefined);
  if (name === undefined) {
    if (acts.length > 0 || given.length > 0) throw new CliError('name the schedule: gangway schedules <name> ...');
    return list(context, options);
  }
  if (acts.length > 1 || (acts.length === 1 && given.length > 0)) {
    throw new CliError(
      'give one thing to do: a rule (--cron or --every with what belongs to it), --pause, --resume or --delete',
    );
  }
  const [act] = acts;
  if (act === 'delete') return remove(context, name, options);
  if (act !== undefined) return show(context, await pause(context, name, act === 'pause'), options);
  if (given.length > 0) return set(context, name, options);
  return show(context, (await context.client().call<ScheduleAnswer>('GET', pathOf(name))).body, options);
};

async function list(context: CliContext, { limit, json }: SchedulesOptions): Promise<ExitCode> {
  await showList<ScheduleItem>(
    context,
    '/reconciliation-schedules',
    {},
    { limit, json: json === true },
    {
      none: 'no schedules',
      header: ['SCHEDULE', 'WHEN', 'ZONE', 'MODE', 'TENANT', 'CHAIN', 'NEXT'],
      optional: ['CHAIN', 'TENANT', 'ZONE'],
      row: (item) => [
        item.name,
        item.cron ?? `every ${item.every ?? ''}`,
        item.cron === undefined ? '' : item.timezone,
        item.mode,
        item.tenant ?? '',
        item.chain ?? '',
        item.paused ? 'paused' : (item.nextRun ?? ''),
      ],
    },
  );
  return EXIT.done;
}

/** Sets all of a schedule: what is not given is as the API takes it by itself. */
async function set(context: CliContext, name: string, options: SchedulesOptions): Promise<ExitCode> {
  const body = Object.fromEntries(
    FIELDS.flatMap((field) => (options[field] === undefined ? [] : [[field, options[field]]])),
  );
  const call = { body: { mode: 'observe', ...body } };
  const { body: answer, status } = await context.client().call<ScheduleAnswer>('PUT', pathOf(name), call);
  if (options.json !== true) printLines(context, [`${name}: ${status === 201 ? 'made' : 'set anew'}`]);
  show(context, answer, options);
  return EXIT.done;
}

/** Everything else of it stays as it is. */
async function pause(context: CliContext, name: string, paused: boolean): Promise<ScheduleAnswer> {
  const client = context.client();
  const { body: now } = await client.call<ScheduleAnswer>('GET', pathOf(name));
  const { tenant, chain, jitter, maxRepairs, maxRemovals } = now;
  const body = {
    ...(now.cron === undefined ? { every: now.every } : { cron: now.cron, timezone: now.timezone }),
    ...{ mode: now.mode, removeOrphans: now.removeOrphans, paused, jitter, maxRepairs, maxRemovals },
    ...(tenant === null ? {} : { tenant }),
    ...(chain === null ? {} : { chain }),
  };
  return (await client.call<ScheduleAnswer>('PUT', pathOf(name), { body })).body;
}

async function remove(context: CliContext, name: string, { json }: SchedulesOptions): Promise<ExitCode> {
  await context.client().call('DELETE', pathOf(name));
  if (json === true) printJson(context, { name, deleted: true });
  else printLines(context, [`${name}: taken away; a run under way goes on`]);
  return EXIT.done;
}

function show(context: CliContext, answer: ScheduleAnswer, { json }: SchedulesOptions): ExitCode {
  if (json === true) printJson(context, answer);
  else printLines(context, scheduleLines(answer, { paint: paintOf(context), width: widthOf(context) }));
  return answer.overdue ? EXIT.differs : EXIT.done;
}

function pathOf(name: string): string {
  return `/reconciliation-schedules/${encodeURIComponent(name)}`;
}

function withRule(command: Commander): Commander {
  return command
    .option('--cron <fields>', 'set it: minute, hour, day of month, month, day of week')
    .option('--every <period>', 'set it: a period such as 6h, in place of --cron')
    .option('--timezone <zone>', 'with --cron: IANA name; default UTC')
    .option('--jitter <period>', 'begin up to so much later')
    .addOption(new Option('--mode <mode>', 'what its runs do; default observe').choices(FLEET_MODES))
    .option('--tenant <tenant>', 'only of this tenant')
    .option('--chain <chain>', 'only of this chain')
    .option('--remove-orphans', 'with repair: remove objects that an earlier run has listed')
    .option('--max-repairs <count>', 'most accounts that a run repairs', wholeNumber)
    .option('--max-removals <count>', 'most orphans that a run removes', wholeNumber);
}

export const SCHEDULES_COMMAND = defineCommand(
  'schedules [name]',
  'list schedules of runs, show one, set or remove it',
  (command) =>
    withRule(command)
      .option('--pause', 'start no runs until it is resumed')
      .option('--resume', 'start runs again')
      .option('--delete', 'take it away; a run under way goes on')
      .option('--limit <count>', 'how many at most', positiveInteger, 100),
  schedules,
);
