import {
  DEFAULT_DUE_MS,
  DEFAULT_NOTIFY_EVENTS,
  isJsonObject,
  type JsonObject,
  type OnboardingSpec,
} from '#libs/contracts/index.js';
import { REDACTED } from '#libs/planning/index.js';
import { Hints } from '#libs/text/closest.js';
import { parseDuration } from './duration.js';
import { egainRules } from './egain.rules.js';
import { EGAIN_CHANNELS } from './egain.schema.js';
import { documentFindings, sortFindings, type Finding } from './findings.js';
import { limitsOf, withinLimits } from './limits.js';
import { livepersonRules, readManifest } from './liveperson.rules.js';
import type { RuleFindings } from './rules.js';
import { secretWarnings } from './secret.rules.js';
import { sinchRules } from './sinch.rules.js';
import { specRules } from './spec.rules.js';
import { onboardingSpecSchema, type SpecInput } from './spec.schema.js';
import { urlRules } from './url.rules.js';

const DEFAULT_WAIT_MS = 30 * 60_000;

const LIMITS = limitsOf(onboardingSpecSchema);

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
  const spec = withDefaults(onboardingSpecSchema.parse(document));
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
  const errors = documentFindings(onboardingSpecSchema, document, EGAIN_CHANNELS, hints);
  const rules = [
    specRules(document, hints, whole),
    ...(Object.hasOwn(document, 'egain') ? [egainRules(document['egain'])] : []),
    ...(Object.hasOwn(document, 'sinch') ? [sinchRules(document['sinch'])] : []),
    ...(Object.hasOwn(document, 'liveperson') ? [livepersonRules(document['liveperson'], hints)] : []),
  ];
  return {
    errors: [...errors, ...urlRules(document, options.allowPrivateUrls), ...rules.flatMap((rule) => rule.errors)],
    warnings: [...rules.flatMap((rule) => rule.warnings), ...secretWarnings(document)],
  };
}

/**
 * A spec as it would be sent: what `parseSpec` turns into the same spec again. For reading a spec back. A manifest whose text is hidden
 * is shown as the object that it holds.
 */
export function specDocument(spec: OnboardingSpec): JsonObject {
  const { sinch, liveperson, ...rest } = spec;
  const document = {
    ...rest,
    ...(sinch ? { sinch: { ...sinch, waitForActive: durationText(sinch.waitForActive) } } : {}),
    ...(liveperson
      ? {
          liveperson: {
            manifest:
              liveperson.text === undefined || liveperson.text === REDACTED ? liveperson.manifest : liveperson.text,
            ...(liveperson.handoff ? { handoff: handoffDocument(liveperson.handoff) } : {}),
          },
        }
      : {}),
  };
  return document as unknown as JsonObject;
}

/** The schemas give back the fields that were there and no others, so what they let through is the contract's type. */
function withDefaults(input: SpecInput): OnboardingSpec {
  const { egain, sinch, liveperson, ...rest } = input;
  const spec = {
    ...rest,
    onFailure: input.onFailure ?? 'rollback',
    adopt: input.adopt ?? false,
    labels: input.labels ?? {},
    notify: (input.notify ?? []).map((entry) => ({ ...entry, events: entry.events ?? DEFAULT_NOTIFY_EVENTS })),
    ...(egain ? { egain } : {}),
    ...(sinch
      ? { sinch: { ...sinch, webhooks: sinch.webhooks ?? [], waitForActive: waitMs(sinch.waitForActive) } }
      : {}),
    ...(liveperson ? { liveperson: livepersonWithDefaults(liveperson) } : {}),
  };
  return spec as unknown as OnboardingSpec;
}

function waitMs(given: boolean | string | undefined): number | false {
  if (given === false) return false;
  return typeof given === 'string' ? (parseDuration(given) ?? DEFAULT_WAIT_MS) : DEFAULT_WAIT_MS;
}

function livepersonWithDefaults({ manifest: given, handoff }: NonNullable<SpecInput['liveperson']>): object {
  const manifest = readManifest(given as JsonObject | string); // what came as JSON holds nothing else
  if (!handoff) return manifest;
  const remindEveryMs = handoff.remindEvery === undefined ? undefined : parseDuration(handoff.remindEvery);
  return {
    ...manifest,
    handoff: {
      dueInMs: (handoff.dueIn === undefined ? undefined : parseDuration(handoff.dueIn)) ?? DEFAULT_DUE_MS,
      ...(remindEveryMs === undefined ? {} : { remindEveryMs }),
      ...(handoff.contact === undefined ? {} : { contact: handoff.contact }),
    },
  };
}

function handoffDocument(handoff: NonNullable<NonNullable<OnboardingSpec['liveperson']>['handoff']>): JsonObject {
  return {
    dueIn: durationText(handoff.dueInMs),
    ...(handoff.remindEveryMs === undefined ? {} : { remindEvery: durationText(handoff.remindEveryMs) }),
    ...(handoff.contact === undefined ? {} : { contact: handoff.contact }),
  };
}

/** The shortest exact form of a duration. */
function durationText(ms: number | false): string | false {
  if (ms === false) return false;
  for (const [unit, factor] of [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1_000],
  ] as const) {
    if (ms >= factor && ms % factor === 0) return `${ms / factor}${unit}`;
  }
  return `${ms}ms`;
}
