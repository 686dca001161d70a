import { Option } from 'commander';

import { JOB_STATUSES, LISTED_WAITS } from '#libs/contracts/progress.js';

import type { OnboardingItem } from '../api/answers.js';
import { defineCommand, withFilters, type Command } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { duration } from '../render/text.js';
import { showList, type ListOptions } from './show-list.js';

/** Lists jobs, newest first. */
const list: Command<ListOptions & { status?: string; waitingFor?: string }> = async (
  context,
  { json, limit, ...filters },
) => {
  await showList<OnboardingItem>(
    context,
    '/onboardings',
    { ...filters },
    { limit, json: json === true },
    {
      none: 'no onboardings',
      header: ['ACCOUNT', 'STATUS', 'ERROR', 'STEP', 'STARTED', 'RUN'],
      optional: ['RUN', 'STEP', 'STARTED', 'ERROR'],
      row: (item) => [
        item.id,
        item.waitingFor === null ? item.status : `${item.status} (${item.waitingFor.kind})`,
        item.errorCode ?? '',
        item.step ?? '',
        `${duration(Date.now() - Date.parse(item.startedAt))} ago`,
        item.runId,
      ],
    },
  );
  return EXIT.done;
};

export const LIST_COMMAND = defineCommand(
  'list',
  'list onboardings, newest first',
  (command) =>
    withFilters(command)
      .addOption(new Option('--status <status>', 'only with this status').choices(JOB_STATUSES))
      .addOption(new Option('--waiting-for <kind>', 'only open ones that wait for this').choices(LISTED_WAITS)),
  list,
);
