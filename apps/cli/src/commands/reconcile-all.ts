import type { Command as Commander } from 'commander';

import type { StartedReconciliation } from '../api/answers.js';
import { wholeNumber } from '../command.js';
import { note, printJson, printLines, type CliContext } from '../context.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { follows, type AttendOptions } from '../follow/attend.js';
import { followReconciliation } from '../follow/follow-reconciliation.js';
import { commandLine } from '../render/next-steps.js';

/** Which accounts a run is about, and how far it may go. */
interface Bounds {
  tenant?: string;
  chain?: string;
  from?: string;
  removeOrphans?: boolean;
  maxRepairs?: number;
  maxRemovals?: number;
}

export interface ReconcileAllOptions extends AttendOptions, Bounds {
  mode: 'observe' | 'repair';
}

const BOUNDS = {
  tenant: '--tenant',
  chain: '--chain',
  from: '--from',
  removeOrphans: '--remove-orphans',
  maxRepairs: '--max-repairs',
  maxRemovals: '--max-removals',
} as const satisfies Record<keyof Bounds, string>;

/** The options that bound a run over many accounts, by their flags. */
export function withBounds(command: Commander): Commander {
  return command
    .option('--all', 'many accounts at once, by the vendors’ lists')
    .option(`${BOUNDS.tenant} <tenant>`, 'with --all: only of this tenant')
    .option(`${BOUNDS.chain} <chain>`, 'with --all: only of this chain')
    .option(`${BOUNDS.from} <run>`, 'with --all and repair: exactly the accounts that this observe run has found')
    .option(BOUNDS.removeOrphans, 'with --all and repair: remove objects that an earlier run has listed')
    .option(`${BOUNDS.maxRepairs} <count>`, 'with --all: most accounts that are repaired', wholeNumber)
    .option(`${BOUNDS.maxRemovals} <count>`, 'with --all: most orphans that are removed', wholeNumber);
}

/** Flags of the bounds that were given. */
export function boundsGiven(options: Bounds): string[] {
  return Object.entries(BOUNDS).flatMap(([name, flag]) => (options[name as keyof Bounds] === undefined ? [] : [flag]));
}

/** Compares many accounts with their vendors, and repairs them where that is asked for. */
export async function reconcileAll(
  context: CliContext,
  { mode, wait, watch, json, ...options }: ReconcileAllOptions,
): Promise<ExitCode> {
  const given = Object.keys(BOUNDS).map((name) => [name, options[name as keyof Bounds]] as const);
  const bounds = Object.fromEntries(given.filter(([, value]) => value !== undefined));
  const call = { body: { mode, ...bounds } };
  const { body, headers } = await context.client().call<StartedReconciliation>('POST', '/reconciliations', call);
  const stays = follows({ ...(wait === undefined ? {} : { wait }), ...(watch === undefined ? {} : { watch }) });
  if (json !== true) {
    const taken =
      headers.get('idempotent-replayed') === 'true' ? 'one of this mode and scope is under way' : 'accepted';
    printLines(context, [`${body.id}: ${taken}`]);
  } else if (!stays) {
    printJson(context, body);
  }
  if (stays) return followReconciliation(context, body.id, { json: json === true });
  if (json !== true) note(context, `see it with: ${commandLine(`reconciliations ${body.id}`)}`);
  return EXIT.done;
}
