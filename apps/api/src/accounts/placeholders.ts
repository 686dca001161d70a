import { isJsonObject, type JsonObject, type JsonValue, type Plan } from '#libs/contracts/index.js';
import { secretField } from '#libs/onboarding/index.js';
import { expandTexts, pointerOf, REDACTED, rewriteTexts } from '#libs/planning/index.js';
import type { Finding } from '#libs/fields/findings.js';
import { specDocument } from '#libs/schemas/parse-spec.js';
import { isSealed, type Sealer } from '#libs/secrets/sealer.js';

/** What stands in an answer in place of a long text. */
const CUT_TEXT = /^<(\d+) characters>$/;

/** Fields that name an item of a list, the first that an item has: by them the items of two lists are matched. */
const NAMES: readonly string[] = ['name', 'type', 'target', 'url', 'language', 'header_name', 'id', 'value'];

/** A spec with its placeholders filled in, and findings for those that have no counterpart. */
export interface Filled {
  spec: unknown;
  findings: Finding[];
}

/**
 * What `GET /v1/accounts/{id}` shows may be sent back: `[secret]` and `<n characters>` mean "as recorded". They are filled in from the
 * spec of `plan`, matched by the names of the items on the way and not by position. Secrets are opened: planning seals them again.
 */
export function fillPlaceholders(
  spec: unknown,
  plan: Plan | null,
  open: (sealed: string, field: string) => string,
): Filled {
  const findings: Finding[] = [];
  const recorded = plan ? recordedSpec(plan, open) : undefined;
  const filled = fill(spec as JsonValue, recorded, [], findings);
  return { spec: filled, findings };
}

/** Findings for every placeholder in a spec to which nothing is recorded. */
export function placeholderFindings(spec: unknown): Finding[] {
  return fillPlaceholders(spec, null, () => '').findings;
}

function recordedSpec(plan: Plan, open: (sealed: string, field: string) => string): JsonObject {
  const spec = expandTexts(plan.spec, plan.texts);
  const opened = rewriteTexts(spec, '', (text, field) => (isSealed(text) ? open(text, field) : undefined));
  return specDocument(opened as never);
}

function fill(
  value: JsonValue,
  recorded: JsonValue | undefined,
  path: (string | number)[],
  findings: Finding[],
): JsonValue {
  if (typeof value === 'string') return fillText(value, recorded, path, findings);
  if (Array.isArray(value)) {
    const others = Array.isArray(recorded) ? recorded : [];
    return value.map((item, index) => fill(item, counterpart(item, index, others), [...path, index], findings));
  }
  if (!isJsonObject(value)) return value;
  const other = recorded !== undefined && isJsonObject(recorded) ? recorded : {};
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      fill(item, Object.hasOwn(other, name) ? other[name] : undefined, [...path, name], findings),
    ]),
  );
}

function fillText(
  text: string,
  recorded: JsonValue | undefined,
  path: (string | number)[],
  findings: Finding[],
): JsonValue {
  const isText = CUT_TEXT.test(text);
  if (text !== REDACTED && !isText) return text;
  if (typeof recorded === 'string' && recorded !== text) return recorded;
  const what = isText ? 'a text' : 'a secret';
  const message = `stands for ${what} that is recorded, and nothing is recorded there: give the value itself`;
  findings.push({ pointer: pointerOf(path), message });
  return text;
}

/** The item of another list that has the same name; of lists without names the one at the same place. */
function counterpart(item: JsonValue, index: number, others: readonly JsonValue[]): JsonValue | undefined {
  if (!isJsonObject(item)) return others[index];
  if (typeof item['channel'] === 'string') {
    const ordinal = (each: JsonObject): unknown => each['credential_ordinal_number'] ?? 0;
    return others.find(
      (other) => isJsonObject(other) && other['channel'] === item['channel'] && ordinal(other) === ordinal(item),
    );
  }
  const by = NAMES.find((name) => typeof item[name] === 'string' && item[name] !== REDACTED);
  if (by === undefined) return others[index];
  return others.find((other) => isJsonObject(other) && other[by] === item[by]);
}

/**
 * A plan in which every inline secret that is the recorded one keeps its recorded seal: a sealed value never equals another, and nodes
 * that nothing changes must be seen to be the same.
 */
export function keepSeals(plan: Plan, recorded: Plan | null, sealer: Sealer, accountId: string): Plan {
  if (!recorded) return plan;
  const seals = new Map<string, string>();
  const place = (text: string, field: string): string =>
    JSON.stringify([field, sealer.open(text, { accountId, field })]);
  const collect = (value: JsonObject, top: string): void => {
    rewriteTexts(value, top, (text, field) => {
      if (isSealed(text)) seals.set(place(text, field), text);
      return undefined;
    });
  };
  for (const { key, body } of recorded.nodes) collect(body, secretField(key, ''));
  collect(recorded.spec, '');
  const keep = (value: JsonObject, top: string): JsonObject =>
    rewriteTexts(value, top, (text, field) => (isSealed(text) ? seals.get(place(text, field)) : undefined));
  const notify = plan.notify.map(
    (entry) => keep(entry as unknown as JsonObject, '/notify') as unknown as (typeof plan.notify)[number],
  );
  return {
    ...plan,
    notify,
    spec: keep(plan.spec, ''),
    nodes: plan.nodes.map((node) => ({ ...node, body: keep(node.body, secretField(node.key, '')) })),
  };
}
