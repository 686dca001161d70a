import { isJsonObject, type JsonObject } from '#libs/contracts/index.js';
import type { Readiness, ReadOptions, Resource } from '#libs/resources/contract.js';
import { quotable, readCall, TEXT_LIMIT, textOf, type CallPurpose } from '../../common/index.js';
import { entryName } from '../app-fields.js';
import type { SinchClient } from '../client.js';
import { SINCH } from '../errors.js';
import { parseChannelStates, type ChannelState } from '../schema.js';

/**
 * The condition that all declared channels of an app are ACTIVE (`docs/vendors/sinch.md` §3.4). Its body holds `app_id`,
 * `channels` (channel and ordinal of each) and `timeout_ms`. Nothing to find, create or remove.
 */
export const channels: Resource<SinchClient> = {
  vendor: SINCH.vendor,
  name: 'channels',
  uniqueKey: false,
  shared: false,
  marked: false,
  exists: false,
  secrets: [],
  key: (body) => textOf(body['app_id']),
  scope: () => undefined,
  list: () => Promise.resolve([]),
  get: () => Promise.resolve(null),
  create: notAnObject,
  update: notAnObject,
  remove: notAnObject,
  diff: () => [],
  pathKind: () => 'none',
  former: (seen) => seen.body,
  ready,
  readyWithinMs: (body) => (typeof body['timeout_ms'] === 'number' ? body['timeout_ms'] : Infinity),
};

async function ready(client: SinchClient, body: JsonObject, options: ReadOptions): Promise<Readiness> {
  const appId = textOf(body['app_id']);
  const purpose: CallPurpose = { resource: 'channels', operation: 'ready', externalId: appId };
  const path = `/apps/${encodeURIComponent(appId)}`;
  const answer = await client.demandIfThere({ ...purpose, method: 'GET', path, ...readCall(options) });
  if (!answer) return { state: 'failed', message: `The app ${appId} is not at Sinch (any more).` };
  const states = parseChannelStates(answer.json);
  if (!states) throw client.unreadable(purpose, answer);
  return readinessOf(declaredIn(body), states);
}

/** A channel that is missing was rejected: it is not "not yet". */
function readinessOf(declared: readonly JsonObject[], states: readonly ChannelState[]): Readiness {
  const found = declared.map((entry) => ({ name: entryName(entry), state: stateOf(entry, states) }));
  const failed = found.filter(({ state }) => state === undefined || state.status === 'FAILING');
  if (failed.length > 0) {
    const reasons = failed.map(({ name, state }) => failure(name, state));
    return { state: 'failed', message: `Sinch did not activate the app's channels: ${reasons.join('; ')}.` };
  }
  const waiting = found.filter(({ state }) => state?.status !== 'ACTIVE').map(({ name }) => name);
  if (waiting.length === 0) return { state: 'ready' };
  return { state: 'waiting', message: `Sinch has not activated these channels of the app yet: ${waiting.join(', ')}.` };
}

function failure(name: string, state: ChannelState | undefined): string {
  if (!state) return `${name} is no longer in the app`;
  const said = quotable(state.description, [], TEXT_LIMIT);
  return said === undefined ? `${name} is FAILING` : `${name}: ${said}`;
}

function declaredIn(body: JsonObject): JsonObject[] {
  const declared = body['channels'];
  return Array.isArray(declared) ? declared.filter(isJsonObject) : [];
}

function stateOf(entry: JsonObject, states: readonly ChannelState[]): ChannelState | undefined {
  const ordinal = typeof entry['credential_ordinal_number'] === 'number' ? entry['credential_ordinal_number'] : 0;
  return states.find((state) => state.channel === entry['channel'] && state.ordinal === ordinal);
}

function notAnObject(): Promise<never> {
  return Promise.reject(new TypeError('sinch.channels is a condition of an app: there is nothing to write'));
}
