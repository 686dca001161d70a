import { Option, type Command as Commander } from 'commander';

import { accountId } from '#libs/contracts/ids.js';
import type { JsonObject } from '#libs/contracts/json.js';

import type { OperationAnswer } from '../api/answers.js';
import { defineCommand, withFollowing, withSpec, type Command, type CommandSpec } from '../command.js';
import { note, paintOf, printJson, printLines, widthOf, type CliContext } from '../context.js';
import { CliError } from '../errors.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { attend, follows, type AttendOptions } from '../follow/attend.js';
import { commandLine } from '../render/next-steps.js';
import { warningLines } from '../render/plan-table.js';
import { createPrompt } from '../secret-prompt.js';
import { readSpec, withPlaces } from '../spec/read-spec.js';
import { boundsGiven, reconcileAll, withBounds, type ReconcileAllOptions } from './reconcile-all.js';

interface AmendOptions extends AttendOptions {
  file: string;
  planHash?: string;
  ifMatch?: string;
}

interface OffboardOptions extends AttendOptions {
  id: string;
  reason?: string;
  ifMatch?: string;
  yes?: boolean;
}

interface ReconcileOptions extends ReconcileAllOptions {
  id?: string;
  all?: boolean;
  rewriteSecrets?: boolean;
}

/** Brings a live account to another spec. */
const amend: Command<AmendOptions> = async (context, { file, planHash, ifMatch, ...options }) => {
  const spec = await readSpec(file, context.stdin);
  const id = idOf(spec.value);
  const call = context.client().call<OperationAnswer>('PUT', accountPath(id), {
    body: planHash === undefined ? spec.value : { ...spec.value, planHash },
    headers: matching(ifMatch),
  });
  return follow(context, { id, what: 'the change' }, await withPlaces(spec, call), options);
};

/** Takes an account off, and everything that it owns. */
const offboard: Command<OffboardOptions> = async (context, { id, reason, ifMatch, yes, ...options }) => {
  if (yes !== true) await requireConsent(context, id);
  const answer = await context
    .client()
    .call<OperationAnswer>('DELETE', accountPath(id), { query: { reason }, headers: matching(ifMatch) });
  return follow(context, { id, what: 'the offboarding' }, answer, options);
};

/** Compares an account with the vendors, and repairs it where that is asked for. */
const reconcile: Command<ReconcileOptions> = async (context, { id, all, mode, rewriteSecrets, ...options }) => {
  if (all === true) {
    if (id !== undefined) throw new CliError('name an account, or give --all: not both');
    if (rewriteSecrets === true) throw new CliError('--rewrite-secrets is for one account: name it');
    return reconcileAll(context, { mode, ...options });
  }
  if (id === undefined) throw new CliError('name an account, such as acme.support, or give --all');
  const bounds = boundsGiven(options);
  if (bounds.length > 0) throw new CliError(`${bounds.join(', ')}: only with --all`);
  const body = { mode, ...(rewriteSecrets === undefined ? {} : { rewriteSecrets }) };
  const answer = await context.client().call<OperationAnswer>('POST', `${accountPath(id)}/reconcile`, { body });
  return follow(context, { id, what: mode === 'repair' ? 'the repair' : 'the comparison' }, answer, options);
};

async function follow(
  context: CliContext,
  { id, what }: { id: string; what: string },
  { body, headers }: { body: OperationAnswer; headers: Headers },
  options: AttendOptions,
): Promise<ExitCode> {
  const { operationId, status, warnings } = body;
  if (options.json !== true) {
    const replayed = headers.get('idempotent-replayed') === 'true';
    const taken = replayed ? 'was there already' : 'accepted';
    printLines(context, [
      ...warningLines(warnings, { paint: paintOf(context), width: widthOf(context) }),
      operationId === null
        ? `${id}: stands by this spec already, nothing is to be done`
        : `${id}: ${what} ${taken} (run ${operationId}${status === undefined ? '' : `, ${status}`})`,
    ]);
  } else if (operationId === null || !follows(options)) {
    printJson(context, body);
  }
  if (operationId === null) return EXIT.done;
  if (follows(options)) return attend(context, id, { ...options, runId: operationId });
  if (options.json !== true) note(context, `follow it with: ${commandLine(`watch ${id} --run-id ${operationId}`)}`);
  return EXIT.done;
}

/** Offboarding removes what customers may be using, so it wants a yes: on a terminal by hand, else by an option. */
async function requireConsent({ stdin, err }: CliContext, id: string): Promise<void> {
  if (!('isTTY' in stdin) || stdin.isTTY !== true) {
    throw new CliError(`this removes everything that ${id} owns at the vendors: say so by --yes. Nothing was sent`);
  }
  const prompt = createPrompt(stdin, err);
  try {
    const typed = await prompt.ask(`This removes everything that ${id} owns at the vendors. Type ${id} to go on: `);
    if (typed.trim() !== id) throw new CliError('given up: nothing was sent');
  } finally {
    prompt.close();
  }
}

function idOf({ tenant, account }: JsonObject): string {
  if (typeof tenant === 'string' && typeof account === 'string') return accountId({ tenant, account });
  throw new CliError('the spec must name the tenant and the account that it is of, as texts');
}

function accountPath(id: string): string {
  return `/accounts/${encodeURIComponent(id)}`;
}

function matching(ifMatch: string | undefined): Record<string, string> {
  return ifMatch === undefined ? {} : { 'if-match': ifMatch };
}

function withIfMatch(command: Commander): Commander {
  return command.option('--if-match <etag>', 'refuse unless the account’s spec is still the one of this ETag');
}

export const OPERATION_COMMANDS: readonly CommandSpec[] = [
  defineCommand(
    'amend',
    'bring a live account to another spec',
    (command) =>
      withFollowing(withIfMatch(withSpec(command))).option(
        '--plan-hash <hash>',
        'refuse unless the plan is still this one',
      ),
    amend,
  ),
  defineCommand(
    'offboard <id>',
    'take an account off, and everything that it owns',
    (command) =>
      withFollowing(withIfMatch(command))
        .option('--reason <reason>', 'why; kept in the job’s history')
        .option('--yes', 'do not ask whether it is meant'),
    offboard,
  ),
  defineCommand(
    'reconcile [id]',
    'compare an account with the vendors, or repair it; --all: many',
    (command) =>
      withBounds(withFollowing(command))
        .addOption(new Option('--mode <mode>', 'what to do').choices(['observe', 'repair']).default('observe'))
        .option('--rewrite-secrets', 'with repair: write every secret again, since no reading tells them'),
    reconcile,
  ),
];
