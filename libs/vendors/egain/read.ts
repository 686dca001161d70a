import type { JsonValue } from '#libs/contracts/index.js';
import type { ReadOptions } from '#libs/resources/contract.js';
import { isSuccess, readCall, saysGone, type CallPurpose } from '../common/index.js';
import type { EgainClient } from './client.js';
import { egainFault } from './errors.js';
import type { EgainKind } from './kinds.js';
import { parseObject, type RawObject } from './schema.js';

/** One object by its id; undefined when eGain says that it is not there (404). @throws VendorError for any other refusal */
export async function readObject(
  client: EgainClient,
  kind: EgainKind,
  id: string,
  options: ReadOptions,
): Promise<RawObject | undefined> {
  const purpose: CallPurpose = { resource: kind.name, operation: 'get', externalId: id };
  const answer = await client.ask({ ...purpose, method: 'GET', path: objectPath(kind, id), ...readCall(options) });
  if (saysGone(answer)) return undefined;
  if (!isSuccess(answer.status)) throw egainFault(purpose, answer);
  const raw = parseObject(kind, answer.json);
  if (!raw) throw client.unreadable(purpose, answer);
  if (!sameId(raw.id, id)) throw client.unreadable(purpose, answer, 'sent another object');
  return raw;
}

/** Path of an object below the base of the API. */
export function objectPath(kind: EgainKind, id: string): string {
  return `${kind.path}/${encodeURIComponent(id)}`;
}

/** Ids are UUIDs, which are the same in both cases. */
export function sameId(value: JsonValue | undefined, id: string): boolean {
  return typeof value === 'string' && value.toLowerCase() === id.toLowerCase();
}
