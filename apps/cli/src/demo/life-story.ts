import { isJsonObject, type JsonObject } from '#libs/contracts/json.js';
import type { DriftEntry } from '#libs/contracts/drift.js';
import type { Progress } from '#libs/contracts/progress.js';

import type { OperationAnswer } from '../api/answers.js';
import { ApiProblem } from '../api/problem.js';
import { CliError } from '../errors.js';
import { followRun } from '../follow/follow-run.js';
import { painter } from '../render/text.js';
import { expect, expectNone, JOB_LIMIT_MS, textOf, type StoryOptions } from './story.js';
import { added, countOf, disturbed, type VendorObject } from './vendor-objects.js';

/** Of the account as the API shows it, what is told here. */
interface Account {
  spec: JsonObject;
  drift: DriftEntry[];
}

const OTHER_ADDRESS = 'acme-app-emea';
const TAMPERED = 'somebody-else';

/**
 * What becomes of the account that was onboarded: one field is amended, somebody tampers with it, which is found and made good, and it is
 * taken off. `foreign` is what stood before it came.
 * @throws {CliError} when anything comes out otherwise.
 */
export async function tellLife(options: StoryOptions, id: string, foreign: readonly VendorObject[]): Promise<void> {
  const { client, sandbox, out, signal } = options;
  const say = (...lines: string[]): unknown => out.write(lines.map((line) => `${line}\n`).join(''));
  const path = `/accounts/${encodeURIComponent(id)}`;
  const read = async (): Promise<Account> => (await client.call<Account>('GET', path, { signal })).body;
  /** Has an operation performed, and tells how many writes it took at the vendors. */
  const perform = async (method: 'PUT' | 'POST' | 'DELETE', to: string, body?: JsonObject): Promise<string[]> => {
    const { seq } = await sandbox.look();
    const call = { signal, ...(body === undefined ? {} : { body }) };
    const { operationId } = (await client.call<OperationAnswer>(method, to, call)).body;
    if (operationId === null) throw new CliError(`${id}: ${method} changes nothing`);
    await ended(options, id, operationId);
    return (await sandbox.look(seq)).ledger
      .filter(({ applied, operation }) => applied && ['create', 'update', 'delete'].includes(operation))
      .map(({ operation, resource }) => `${operation} ${resource}`);
  };

  say('', painter(out)('bold', `6. ${id} goes on living: it is amended, tampered with, repaired and taken off`), '');
  const { spec } = await read();
  const channel = channelsOf(spec)[0];
  const account = channel?.['account'];
  if (!isJsonObject(account ?? null)) throw new CliError('the example has no channel with an account');
  const address = textOf((account as JsonObject)['address']);
  (account as JsonObject)['address'] = OTHER_ADDRESS;
  const amended = await perform('PUT', path, spec);
  expect(amended.join() === 'update account', `one write amends one field, and these were: ${amended.join(', ')}`);
  say(
    `amended   the address of a channel, ${address} to ${OTHER_ADDRESS}: ${String(amended.length)} write (${amended.join()})`,
  );

  const tampered = (await sandbox.look()).objects.find(
    ({ kind, marker, text }) => kind === 'account' && marker.split(':')[2] === id && text.includes(OTHER_ADDRESS),
  );
  expect(tampered !== undefined, `eGain holds the account of ${id} with its new address`);
  await sandbox.edit('egain', 'account', tampered?.id ?? '', { address: TAMPERED });
  const observed = await perform('POST', `${path}/reconcile`, { mode: 'observe' });
  const [drift, ...others] = (await read()).drift;
  const [field] = drift?.fields ?? [];
  expect(observed.length === 0, 'observing writes nothing');
  expect(others.length === 0 && field?.seen === TAMPERED, 'what somebody has changed is found, and nothing else');
  say(
    `observed  ${drift?.key ?? ''}.${field?.path ?? ''}: expected ${textOf(field?.expected)}, seen ${textOf(field?.seen)}`,
  );

  const repaired = await perform('POST', `${path}/reconcile`, { mode: 'repair' });
  expect((await read()).drift.length === 0, 'nothing differs any more');
  say(`repaired  ${String(repaired.length)} write (${repaired.join()}), and nothing differs any more`);

  const removed = await perform('DELETE', path);
  const { objects } = await sandbox.look();
  const left = countOf(id, objects);
  expect(left === 0, `nothing is left of ${id}, yet ${String(left)} objects carry its marker`);
  // What carries no marker too: a webhook has no place for one.
  const rest = added(foreign, objects).filter(({ vendor }) => vendor !== 'liveperson');
  expectNone(rest, `nothing is left of ${id} at eGain and Sinch`);
  expectNone(disturbed(foreign, objects), 'nothing of others has changed');
  expect(await isGone(() => read()), `the API knows no ${id} any more`);
  say(
    `taken off ${String(removed.length)} objects removed`,
    '',
    `objects with the marker of ${id}: ${String(left)}`,
    `objects of others: ${String(foreign.length)}, unchanged`,
  );
}

async function ended({ client, signal }: StoryOptions, id: string, runId: string): Promise<Progress> {
  const limit = AbortSignal.timeout(JOB_LIMIT_MS);
  const progress = await followRun(client, id, { runId, signal: AbortSignal.any([signal, limit]) });
  signal.throwIfAborted();
  if (progress.status === 'succeeded') return progress;
  const why = progress.reason === null ? '' : `: ${progress.reason}`;
  throw new CliError(`${id}: ${progress.kind} should be succeeded and is ${progress.status}${why}`);
}

async function isGone(read: () => Promise<unknown>): Promise<boolean> {
  try {
    await read();
    return false;
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 404) return true;
    throw error;
  }
}

function channelsOf({ egain }: JsonObject): JsonObject[] {
  const channels = isJsonObject(egain ?? null) ? (egain as JsonObject)['channels'] : undefined;
  return Array.isArray(channels) ? channels.filter(isJsonObject) : [];
}
