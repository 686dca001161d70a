import type { LedgerEntry } from '#apps/sandbox/src/ledger.js';
import { isJsonObject, parseMarker, type JsonObject, type Plan, type PlanNode } from '#libs/contracts/index.js';
import type { Resource } from '#libs/resources/index.js';
import { resourceOf } from '#libs/vendors/registry.js';

/** An object that a job makes, and how its creates are told from those of others. */
export interface Creatable {
  node: Pick<PlanNode, 'key' | 'vendor' | 'resource'>;
  resource: Pick<Resource<unknown>, 'uniqueKey'>;
  /** Whether the body of a create, as it was sent, is this object's. */
  isCreate(body: JsonObject): boolean;
}

/** The times of a connection, in milliseconds: D, and the settle pauses. */
export interface CallTimes {
  timeoutMs: number;
  settleMs: readonly number[];
}

/** How much earlier a timer may fire, and a clock be read, than it says; milliseconds. */
const SLACK_MS = 15;

/** The objects that a plan makes with a place for a marker or a key in their bodies. */
export function creatablesOf(plan: Plan): Creatable[] {
  return plan.nodes.flatMap((node) => {
    const resource = resourceOf(node.vendor, node.resource);
    return resource.exists ? [{ node, resource, isCreate: createOf(node, resource) }] : [];
  });
}

/** Recognises a node's creates by its marker, or by its key where the object has no place for one. */
export function createOf(node: PlanNode, resource: Pick<Resource<unknown>, 'marked' | 'key'>): Creatable['isCreate'] {
  const key = resource.key(node.body);
  const isMarked = ({ description, display_name: name }: JsonObject): boolean =>
    [description, name].some((text) => typeof text === 'string' && parseMarker(text)?.node === node.key);
  // A LivePerson app is sent as its manifest alone.
  const hasKey = (body: JsonObject): boolean => [body, { manifest: body }].some((sent) => resource.key(sent) === key);
  return resource.marked ? isMarked : hasKey;
}

/**
 * Creates that were sent though one before may have made the object. After a create that was not clearly refused, the next of the same
 * object needs a look that proves the first to have made nothing: one that lists where the object would stand, was answered
 * well and to its end, and was begun once the first could no longer take effect, which is D and the settle pauses after it was sent.
 * With a unique key any such look after it will do, since the vendor refuses the second (`docs/architecture.md` §4, the fence).
 */
export function blindCreates(
  ledger: readonly LedgerEntry[],
  objects: readonly Creatable[],
  times: CallTimes,
): string[] {
  return objects.flatMap((made) => {
    const creates = ledger.filter((entry) => isCreateOf(entry, made, objects));
    return creates.flatMap((create, i) => {
      const former = creates[i - 1];
      if (!former || isRefused(former)) return [];
      const looks = ledger.filter(
        (entry) => entry.seq > former.seq && entry.seq < create.seq && isLookFor(entry, create),
      );
      const from = provableFrom(former, made, times);
      if (isWhole(looks.filter(({ at }) => Date.parse(at) >= from - SLACK_MS))) return [];
      const seen = looks.map(({ seq, at }) => `${String(seq)} at ${at}`).join(', ');
      return [
        `${made.node.key}: create ${String(create.seq)} at ${create.at} after ${String(former.seq)} at ${former.at} without a whole ` +
          `look begun at ${new Date(from).toISOString()} or later; there were ${seen === '' ? 'none' : seen}`,
      ];
    });
  });
}

function isCreateOf(entry: LedgerEntry, made: Creatable, objects: readonly Creatable[]): boolean {
  const isKind = ({ vendor, resource }: Pick<LedgerEntry, 'vendor' | 'resource'>): boolean =>
    vendor === made.node.vendor && resource === made.node.resource;
  if (entry.operation !== 'create' || !isKind(entry)) return false;
  if (isJsonObject(entry.body)) return made.isCreate(entry.body);
  // It was cut off before its body came: it is this object's when there is no other of its kind.
  return objects.filter(({ node }) => isKind(node)).length === 1;
}

/** Whether its answer proves that it made nothing. Whoever did not hear it has looked in vain, and did no harm. */
function isRefused({ status, applied }: LedgerEntry): boolean {
  return !applied && status !== null && status >= 400 && status < 500 && status !== 408;
}

/** From when on a look proves what a create has made, milliseconds since 1970. */
function provableFrom(create: LedgerEntry, { resource }: Creatable, { timeoutMs, settleMs }: CallTimes): number {
  const sent = Date.parse(create.at);
  if (resource.uniqueKey) return sent;
  const fence = sent + settleMs.reduce((sum, ms) => sum + ms, timeoutMs);
  const isAnswered = create.genuine && create.status !== null && create.status < 300;
  // An answer may also come to nobody, long after another attempt has outwaited the call.
  return isAnswered ? Math.min(sent + (create.durationMs ?? 0), fence) : fence;
}

/** Whether a call lists where a create puts its object, and was answered well. */
function isLookFor(entry: LedgerEntry, create: LedgerEntry): boolean {
  return (
    entry.vendor === create.vendor &&
    entry.resource === create.resource &&
    entry.operation === 'list' &&
    lists(entry.path, create) &&
    entry.genuine &&
    entry.status === 200
  );
}

/**
 * Whether a list at this path shows what a create makes. Objects are listed where they are created, which names the region or the
 * account; those of an app below it, which a create names in its body, unless it was cut off before that came.
 */
function lists(path: string, { path: created, body }: LedgerEntry): boolean {
  if (!isJsonObject(body)) return path.replace(/\/apps\/[^/]+(?=\/webhooks$)/, '') === created;
  const holder = body['app_id'];
  return path === (typeof holder === 'string' ? created.replace(/\/webhooks$/, `/apps/${holder}/webhooks`) : created);
}

/** Whether lists, or pages of one, hold all that there is to be listed. */
function isWhole(looks: readonly LedgerEntry[]): boolean {
  if (looks.some(({ page }) => page === null)) return true;
  const parts = looks.flatMap(({ page }) => (page ? [page] : [])).sort((a, b) => a.from - b.from);
  const all = parts.at(-1)?.of;
  const reached = parts.reduce((to, page) => (page.from <= to ? Math.max(to, page.to) : to), 0);
  return all !== undefined && reached >= all;
}
