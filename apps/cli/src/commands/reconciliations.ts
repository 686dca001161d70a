import { Option } from 'commander';

import { FLEET_STATUSES, type FleetReport } from '#libs/contracts/fleet.js';

import type { ReconciliationItem } from '../api/answers.js';
import { defineCommand, positiveInteger, type Command } from '../command.js';
import { printJson, printLines, paintOf, widthOf } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { exitCodeOfRun, reconciliationPath } from '../follow/follow-reconciliation.js';
import { reconciliationReport } from '../render/reconciliation-report.js';
import { duration } from '../render/text.js';
import { showList, type ListOptions } from './show-list.js';

interface ReconciliationsOptions extends ListOptions {
  run?: string;
  schedule?: string;
  status?: string;
}

/** Lists runs over many accounts, or shows one. Exit code 2 when the one that is shown has found drift, or went no further. */
const reconciliations: Command<ReconciliationsOptions> = async (context, { run, json, limit, ...filters }) => {
  if (run !== undefined) {
    const { body } = await context.client().call<FleetReport>('GET', reconciliationPath(run));
    if (json === true) printJson(context, body);
    else printLines(context, reconciliationReport(body, { paint: paintOf(context), width: widthOf(context) }));
    return exitCodeOfRun(body);
  }
  await showList<ReconciliationItem>(
    context,
    '/reconciliations',
    { ...filters },
    { limit, json: json === true },
    {
      none: 'no reconciliations',
      header: ['RUN', 'MODE', 'STATUS', 'ACCOUNTS', 'DRIFTED', 'TENANT', 'CHAIN', 'STARTED'],
      optional: ['CHAIN', 'TENANT', 'ACCOUNTS', 'STARTED', 'DRIFTED'],
      row: (item) => [
        item.id,
        item.mode ?? 'unknown',
        item.stopped === null ? item.status : `${item.status} (${item.stopped.rule})`,
        item.counts === null ? '' : String(item.counts.accounts),
        item.counts === null ? '' : String(item.counts.drifted),
        item.tenant ?? '',
        item.chain ?? '',
        `${duration(Date.now() - Date.parse(item.startedAt))} ago`,
      ],
    },
  );
  return EXIT.done;
};

export const RECONCILIATIONS_COMMAND = defineCommand(
  'reconciliations [run]',
  'list runs over many accounts, or show one',
  (command) =>
    command
      .option('--tenant <tenant>', 'only of this tenant')
      .option('--schedule <name>', 'only runs of this schedule')
      .addOption(new Option('--status <status>', 'only with this status').choices(FLEET_STATUSES))
      .option('--limit <count>', 'how many at most', positiveInteger, 100),
  reconciliations,
);
