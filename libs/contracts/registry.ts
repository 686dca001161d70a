import type { AccountState, ReconciliationMode } from './account.js';
import { isHandedOff } from './handoff.js';
import type { JsonObject } from './json.js';

/** Bytes of `Trace.mark`: those that name the object, and all. */
export const NAME_BYTES = 12;
export const MARK_BYTES = 20;
/** Characters of a mark: base64 without padding. */
export const MARK_LENGTH = 27;

/**
 * What a run over the fleet must know of an account, in its memo. `connections` holds for each connection its name, the hash of the
 * vendor account (empty where it is not told), and the marks of all objects there, one after the other. Null: they would be too many
 * for a memo, or one of them is not known; then the account's state is read.
 */
export interface RegistryMemo extends JsonObject {
  /** Version of the projections; 0 where they are not all of one version. */
  version: number;
  revision: number;
  /** The cap that a person set. Null: none. `until` as in `ReconciliationCap`. */
  cap: { mode: ReconciliationMode; until: string | null } | null;
  connections: [name: string, place: string, marks: string][] | null;
}

/** Longest memo that Temporal takes without a warning, in bytes. */
const MEMO_LIMIT = 2_048;
/** What encryption adds to each field of a memo, in bytes, about. */
const FIELD_OVERHEAD = 130;

/** The registry's part of the memo of an account that records `state`, beside the other fields of the memo. */
export function registryMemo(state: AccountState, others: JsonObject): RegistryMemo {
  const cap = state.reconciliation ?? null;
  const memo: RegistryMemo = {
    version: versionOf(state),
    revision: state.revision ?? 0,
    cap: cap && { mode: cap.mode, until: cap.until },
    connections: connectionsOf(state),
  };
  return memoBytes({ ...others, registry: memo }) > MEMO_LIMIT ? { ...memo, connections: null } : memo;
}

function memoBytes(memo: JsonObject): number {
  return Object.entries(memo).reduce(
    (sum, [name, value]) => sum + name.length + JSON.stringify(value).length + FIELD_OVERHEAD,
    0,
  );
}

function versionOf({ resources }: AccountState): number {
  const versions = new Set(resources.flatMap(({ trace }) => (trace ? [trace.version] : [])));
  const [version = 0] = versions;
  return versions.size === 1 ? version : 0;
}

/** Null where an object is not known well enough. What a person did cannot be read by a list, so it has no mark. */
function connectionsOf({ plan, resources }: AccountState): RegistryMemo['connections'] {
  const byHand = new Set((plan?.nodes ?? []).filter(isHandedOff).map(({ key }) => key));
  const found = new Map<string, [name: string, place: string, marks: string]>();
  for (const { key, vendor, connection, trace } of resources) {
    const name = `${vendor}/${connection}`;
    const [, place = '', marks = ''] = found.get(name) ?? [];
    if (byHand.has(key)) {
      found.set(name, [name, place, marks]);
      continue;
    }
    const here = trace?.place ?? '';
    if (trace?.mark.length !== MARK_LENGTH || (place !== '' && place !== here)) return null;
    found.set(name, [name, here, marks + trace.mark]);
  }
  return [...found.values()];
}
