import { accountId } from '#libs/contracts/ids.js';
import type { JsonObject } from '#libs/contracts/json.js';
import type { JobStatus, Progress } from '#libs/contracts/progress.js';

import type { StartAnswer } from '../api/answers.js';
import type { ApiClient } from '../api/client.js';
import { CliError } from '../errors.js';
import { followRun } from '../follow/follow-run.js';
import { createWatchScreen, type WatchStream } from '../follow/watch-screen.js';
import { columns } from '../render/columns.js';
import { painter } from '../render/text.js';
import { specForAccount } from './outage-spec.js';
import type { SandboxControl } from './sandbox-control.js';
import { added, countOf, disturbed, type VendorObject } from './vendor-objects.js';

/** Far more than a job needs at the sandbox; a demonstration that hangs has failed. */
export const JOB_LIMIT_MS = 120_000;
const OUTAGE_RULE = 'demo-outage';

export interface StoryOptions {
  client: ApiClient;
  sandbox: SandboxControl;
  /** The spec that is onboarded. */
  spec: JsonObject;
  /** Behind the accounts' names, where the Temporal server outlives the demonstration; else empty. */
  suffix: string;
  out: WatchStream;
  signal: AbortSignal;
}

/**
 * Onboards an account, shows what exists at the vendors, then has a second one fail for good at its last step and proves
 * that nothing of it is left. Returns the two jobs, and what others had at the vendors before.
 * @throws {CliError} when anything comes out otherwise.
 */
export async function tellStory(
  options: StoryOptions,
): Promise<{ live: Progress; undone: Progress; foreign: VendorObject[] }> {
  const { sandbox, spec, suffix, out } = options;
  const say = (...lines: string[]): unknown => out.write(lines.map((line) => `${line}\n`).join(''));
  const title = (text: string): unknown => say('', painter(out)('bold', text), '');

  const foreign = (await sandbox.look()).objects;
  title('1. An account is onboarded at eGain and Sinch');
  const first = specForAccountNamed(spec, `${textOf(spec['account'])}${suffix}`);
  const live = await runJob(options, first, 'succeeded');

  const before = await sandbox.look();
  const made = added(foreign, before.objects);
  const rows = made.map((object) => [object.vendor, object.kind, object.id, object.name, object.marker]);
  title(`2. What exists at the vendors (beside ${foreign.length} objects of others)`);
  say(...columns(['VENDOR', 'KIND', 'ID', 'NAME', 'MARKER'], rows));
  const recorded = new Set(live.steps.map((step) => step.externalId).filter((id) => id !== null));
  expect(
    made.length === recorded.size && made.every(({ id }) => recorded.has(id)),
    'the vendors hold what the job records',
  );
  expectNone(disturbed(foreign, before.objects), 'nothing of others has changed');
  say(
    '',
    `${made.length} objects, exactly those that the job records; the ${foreign.length} of others are as they were.`,
  );

  const outage = specForAccount(spec, `outage${suffix}`, 'outage');
  const id = idOf(outage);
  title(`3. ${id}: eGain refuses its last step for good, and all of it is undone`);
  await sandbox.setFaults([refusal(id)]);
  const undone = await runJob(options, outage, 'rolled-back');
  const after = await sandbox.look(before.seq);
  const count = (operation: string): number =>
    after.ledger.filter((entry) => entry.applied && entry.operation === operation).length;
  const creates = count('create');
  const rest = added(before.objects, after.objects);
  expect(
    after.ledger.some((entry) => entry.fault === OUTAGE_RULE),
    'eGain has refused the last step',
  );
  expect(creates > 0, 'the job had made something before it failed');
  expectNone(rest, `nothing is left of ${id}`);
  expectNone(disturbed(before.objects, after.objects), 'all other objects are as they were');

  title('4. The proof, read from the vendors');
  say(
    `objects with the marker of ${id}: ${countOf(id, after.objects)} (made ${creates}, removed ${count('delete')})`,
    `objects with the marker of ${live.id}: ${countOf(live.id, after.objects)}, unchanged`,
    `objects of others: ${foreign.length}, unchanged`,
  );
  await sandbox.setFaults([]);
  return { live, undone, foreign };
}

/** Starts a job and shows it until it has ended or needs a person. @throws {CliError} when it comes to something else */
export async function runJob(options: StoryOptions, spec: JsonObject, expected: JobStatus): Promise<Progress> {
  const { client, signal } = options;
  const { id, runId } = (await client.call<StartAnswer>('POST', '/onboardings', { body: spec, signal })).body;
  return follow(options, { id, runId }, expected);
}

/** Shows what comes of a command to a job that stood so before. @throws {CliError} when it comes to something else */
export function goOn(options: StoryOptions, before: Progress, expected: JobStatus): Promise<Progress> {
  return follow(options, { id: before.id, runId: before.runId, before }, expected);
}

async function follow(
  { client, out, signal }: StoryOptions,
  { id, runId, before }: { id: string; runId: string; before?: Progress },
  expected: JobStatus,
): Promise<Progress> {
  const screen = createWatchScreen(out);
  const limit = AbortSignal.timeout(JOB_LIMIT_MS);
  let progress: Progress;
  try {
    progress = await followRun(client, id, {
      runId,
      ...(before === undefined ? {} : { before }),
      signal: AbortSignal.any([signal, limit]),
      onProgress: (p) => screen.onProgress(p),
      onEvent: (e) => screen.onEvent(e),
      onLost: (reason) => screen.onLost(reason),
    });
  } finally {
    screen.end();
  }
  signal.throwIfAborted();
  const reason = progress.reason === null ? '' : `: ${progress.reason}`;
  if (progress.status !== expected) {
    const late = limit.aborted ? ` after ${JOB_LIMIT_MS / 1000} s` : '';
    throw new CliError(`${id} should be ${expected} and is ${progress.status}${late}${reason}`);
  }
  out.write(`\n${id}: ${progress.status}${reason}\n`);
  return progress;
}

/** eGain refuses the conversation accounts of this account, as it does a value that it does not take (`docs/vendors/egain.md` §9.2). */
function refusal(id: string): JsonObject {
  return {
    id: OUTAGE_RULE,
    match: { vendor: 'egain', resource: 'account', operation: 'create', bodyContains: `:${id}:` },
    effect: {
      kind: 'status',
      status: 400,
      body: { code: '400-152', developerMessage: 'The entry point is closed.', details: [] },
    },
  };
}

/** The same spec for an account of this name. */
export function specForAccountNamed(spec: JsonObject, account: string): JsonObject {
  return { ...spec, account };
}

function idOf(spec: JsonObject): string {
  return accountId({ tenant: textOf(spec['tenant']), account: textOf(spec['account']) });
}

/** @throws {CliError} when what the demonstration shows does not hold */
export function expect(holds: boolean, what: string): void {
  if (!holds) throw new CliError(`the demonstration expects: ${what}`);
}

/** @throws {CliError} naming objects of which there should be none */
export function expectNone(objects: readonly VendorObject[], what: string): void {
  const names = objects.slice(0, 5).map(({ vendor, kind, id }) => `${vendor} ${kind} ${id}`);
  expect(objects.length === 0, `${what}, yet there are ${objects.length} that differ: ${names.join(', ')}`);
}

/** A text, or an empty one for anything else. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
