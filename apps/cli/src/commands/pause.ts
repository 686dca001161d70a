import { InvalidArgumentError, Option } from 'commander';

import { defineCommand, type Command } from '../command.js';
import { printJson, printLines } from '../context.js';
import { CliError } from '../errors.js';
import { EXIT } from '../exit-codes.js';

interface PauseOptions {
  id: string;
  mode: 'off' | 'observe';
  reason: string;
  until?: Date;
  lift?: boolean;
  json?: boolean;
}

/** Sets the most that reconciliations of the fleet may do to an account, or lifts that. What a person asks for runs all the same. */
const pause: Command<PauseOptions> = async (context, { id, mode, reason, until, lift, json }) => {
  if (lift === true && until !== undefined) throw new CliError('--lift ends it now: --until has no meaning beside it');
  const cap =
    lift === true ? { mode: 'repair', reason } : { mode, reason, ...(until ? { until: until.toISOString() } : {}) };
  const path = `/accounts/${encodeURIComponent(id)}/reconciliation`;
  const { body } = await context.client().call<{ commandId: string }>('PUT', path, { body: cap });
  if (json === true) printJson(context, body);
  else printLines(context, [`${id}: ${toldOf({ mode, until, lift })} (command ${body.commandId})`]);
  return EXIT.done;
};

function toldOf({
  mode,
  until,
  lift,
}: Pick<PauseOptions, 'mode'> & { until: Date | undefined; lift: boolean | undefined }): string {
  if (lift === true) return 'reconciliations of the fleet may repair it again';
  const end = until ? `until ${until.toISOString()}` : 'until it is lifted by --lift';
  return mode === 'off'
    ? `the fleet’s reconciliations leave it out ${end}`
    : `the fleet’s reconciliations only look at it ${end}`;
}

/** A time with its offset, a date (its beginning, UTC), or so long from now: `90m`, `12h`, `3d`. */
function momentOf(text: string): Date {
  const [, count, unit] = /^(\d+)([mhd])$/.exec(text) ?? [];
  const at =
    count === undefined || unit === undefined
      ? Date.parse(isTime(text) ? text : '')
      : Date.now() + Number(count) * (UNITS[unit] ?? 0);
  const moment = new Date(at);
  if (Number.isNaN(moment.getTime())) {
    throw new InvalidArgumentError('Give a time as 2026-12-24T00:00:00Z, a date, or so long from now as 12h or 3d.');
  }
  if (at <= Date.now()) throw new InvalidArgumentError('It is past: give a time to come.');
  return moment;
}

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

function isTime(text: string): boolean {
  return /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/i.test(text);
}

export const PAUSE_COMMAND = defineCommand(
  'pause <id>',
  'keep reconciliations of the fleet off an account, or let them in again',
  (command) =>
    command
      .requiredOption('--reason <reason>', 'why; shown with the account')
      .option('--until <time>', 'a time, a date, or so long from now as 12h; default: until it is lifted', momentOf)
      .addOption(new Option('--mode <mode>', 'what they may do at most').choices(['off', 'observe']).default('off'))
      .option('--lift', 'let them repair the account again'),
  pause,
);
