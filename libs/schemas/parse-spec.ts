import {
  DEFAULT_NOTIFY_EVENTS,
  isJsonObject,
  sectionOf,
  type JsonObject,
  type NotifyEvent,
  type NotifySpec,
  type OnboardingSpec,
} from '#libs/contracts/index.js';
import { Hints } from '#libs/text/closest.js';
import { documentFindings, sortFindings, type Finding, type LargeItems } from '#libs/fields/findings.js';
import { limitsOf, withinLimits } from '#libs/fields/limits.js';
import type { RuleFindings } from '#libs/fields/rules.js';
import { VENDOR_MODULES } from '#libs/vendors/registry.js';
import { secretWarnings } from './secret.rules.js';
import { specRules } from './spec.rules.js';
import { onboardingSpecSchema } from './spec.schema.js';
import { urlRules } from './url.rules.js';

const LIMITS = limitsOf(onboardingSpecSchema);

/** The lists of sections that may be long and whose items are large. */
const LARGE: readonly LargeItems[] = VENDOR_MODULES.flatMap(({ vendor, section: { large } }) =>
  large ? [{ ...large, list: [vendor, ...large.list] }] : [],
);

export interface ParseOptions {
  /** Allow addresses that are loopback or private, and plain http for them (`GANGWAY_ALLOW_PRIVATE_URLS`). */
  allowPrivateUrls: boolean;
}

export type ParsedSpec = { ok: true; spec: OnboardingSpec; warnings: Finding[] } | { ok: false; findings: Finding[] };

/**
 * Validates a spec (`docs/http.md` §4.4) and fills in its defaults. All findings come at once, sorted by pointer: those of single
 * fields and those across fields. Numbers of items and depth are judged first, and what exceeds them is not looked into: the work
 * grows with the size of the input and no faster. No message holds a value of the spec. The input is not changed.
 */
export function parseSpec(input: unknown, options: ParseOptions): ParsedSpec {
  if (!isJsonObject(input))
    return { ok: false, findings: [{ pointer: '', message: 'must be a JSON object: the spec' }] };
  const { document, findings: cuts } = withinLimits(input, LIMITS);
  if (!isJsonObject(document)) return { ok: false, findings: sortFindings(cuts) };
  const { errors, warnings } = judged(document, options, cuts.length === 0);
  const places = new Set(cuts.map(({ pointer }) => pointer));
  const findings = sortFindings([...cuts, ...errors.filter(({ pointer }) => !isIn(places, pointer))]);
  if (findings.length > 0) return { ok: false, findings };
  const spec = withDefaults(onboardingSpecSchema.parse(document) as SpecInput);
  return { ok: true, spec, warnings: sortFindings(warnings) };
}

/** Whether a place is one of those that were cut out, or below one. The document as a whole has been looked at. */
function isIn(places: ReadonlySet<string>, pointer: string): boolean {
  for (let at = pointer; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) if (places.has(at)) return true;
  return false;
}

/** What the schema and all rules say. `whole` is false when parts of the document have been cut out. */
function judged(document: JsonObject, options: ParseOptions, whole: boolean): RuleFindings {
  const hints = new Hints();
  const errors = documentFindings(onboardingSpecSchema, document, LARGE, hints);
  const rules = [
    specRules(document, hints, whole),
    ...VENDOR_MODULES.filter(({ vendor }) => Object.hasOwn(document, vendor)).map(({ vendor, section }) =>
      section.rules(document[vendor], hints),
    ),
  ];
  return {
    errors: [...errors, ...urlRules(document, options.allowPrivateUrls), ...rules.flatMap((rule) => rule.errors)],
    warnings: [...rules.flatMap((rule) => rule.warnings), ...secretWarnings(document)],
  };
}

/** A spec as it would be sent: what `parseSpec` turns into the same spec again. For reading a spec back. */
export function specDocument(spec: OnboardingSpec): JsonObject {
  const sections = VENDOR_MODULES.flatMap(({ vendor, section }) => {
    const given = sectionOf(spec, vendor);
    return given === undefined ? [] : [[vendor, section.document(given)] as const];
  });
  return { ...spec, ...Object.fromEntries(sections) } as unknown as JsonObject;
}

/** What the schema lets through: the spec's own fields may be left out, and sections are as they were sent. */
type SpecInput = Pick<OnboardingSpec, 'tenant' | 'account' | 'chain' | 'connections'> &
  Partial<Omit<OnboardingSpec, 'notify'>> & {
    notify?: (Omit<NotifySpec, 'events'> & { events?: NotifyEvent[] | undefined })[] | undefined;
  };

/** The schemas give back the fields that were there and no others, so what they let through is the contract's type. */
function withDefaults(input: SpecInput): OnboardingSpec {
  const sections = VENDOR_MODULES.flatMap(({ vendor, section }) => {
    const given = (input as { readonly [name: string]: unknown })[vendor];
    return given === undefined ? [] : [[vendor, section.withDefaults(given)] as const];
  });
  return {
    ...input,
    onFailure: input.onFailure ?? 'rollback',
    adopt: input.adopt ?? false,
    labels: input.labels ?? {},
    notify: (input.notify ?? []).map((entry) => ({ ...entry, events: entry.events ?? [...DEFAULT_NOTIFY_EVENTS] })),
    ...Object.fromEntries(sections),
  };
}
