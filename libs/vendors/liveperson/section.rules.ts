import {
  DEFAULT_DUE_MS,
  isJsonObject,
  MOST_REMINDERS,
  type JsonObject,
  type JsonValue,
} from '#libs/contracts/index.js';
import { hasMoreValues, selectPaths } from '#libs/planning/index.js';
import type { Hints } from '#libs/text/closest.js';
import { MOST_MANIFEST_VALUES, validateManifest } from './manifest/index.js';
import { parseDuration } from '#libs/fields/duration.js';
import { headerValue } from '#libs/fields/fields.js';
import { schemaFindings, type Finding } from '#libs/fields/findings.js';
import { objectAt, textAt } from '#libs/fields/raw.js';
import { createReport, type RuleFindings } from '#libs/fields/rules.js';
import type { LivepersonSpec } from './spec.js';

const MANIFEST_POINTER = '/liveperson/manifest';
const HEADER_VALUES = 'capabilities.webhooks.*.headers[].header_value';
const HEADER_VALUE = headerValue();

/** Rules of the LivePerson section: the manifest by `docs/vendors/liveperson.md` §5, and the times of a hand-off. */
export function livepersonRules(section: unknown, hints: Hints): RuleFindings {
  const report = createReport('liveperson');
  handoffRules(section, report);
  const manifest = objectAt(section)['manifest'];
  if (typeof manifest !== 'string' && !isJsonObject(manifest)) return report; // the schema says what is wrong
  const verdict = validateManifest(manifest, hints);
  const read = verdict.ok ? verdict.manifest : manifest;
  const told = new Set(verdict.errors.map(({ pointer }) => pointer));
  const secrets = secretFindings(read, hints).filter(({ pointer }) => !told.has(pointer));
  return {
    errors: [...report.errors, ...inSpec([...verdict.errors, ...secrets])],
    warnings: [...report.warnings, ...inSpec(verdict.warnings)],
  };
}

/** A manifest that has been found right, as the spec keeps it. @throws TypeError for a wrong one */
export function readManifest(given: JsonObject | string): Pick<LivepersonSpec, 'manifest' | 'text'> {
  const verdict = validateManifest(given);
  if (!verdict.ok) throw new TypeError('the manifest has not been validated');
  return { manifest: verdict.manifest, ...(typeof given === 'string' ? { text: given } : {}) };
}

/** Header values may be secrets: what the engine itself writes in place of one is refused, and references are of its form. */
function secretFindings(manifest: JsonValue, hints: Hints): Finding[] {
  if (hasMoreValues(manifest, MOST_MANIFEST_VALUES)) return []; // refused as a whole
  return selectPaths(manifest, HEADER_VALUES).flatMap(({ pointer, value }) =>
    schemaFindings(HEADER_VALUE, value, hints).map(({ message }) => ({ pointer, message })),
  );
}

function handoffRules(section: unknown, report: ReturnType<typeof createReport>): void {
  const given = textAt(section, 'handoff', 'dueIn');
  const dueIn = given === undefined ? DEFAULT_DUE_MS : parseDuration(given);
  const remindEvery = parseDuration(textAt(section, 'handoff', 'remindEvery') ?? '');
  if (dueIn === undefined || remindEvery === undefined || remindEvery <= 0) return; // the schema says what is wrong
  if (remindEvery >= dueIn) {
    report.warn(['handoff', 'remindEvery'], 'is not shorter than dueIn: nobody will be reminded');
  } else if (dueIn / remindEvery > MOST_REMINDERS) {
    const message = `would remind more than ${MOST_REMINDERS} times until the answer is due: make it longer`;
    report.error(['handoff', 'remindEvery'], message);
  }
}

function inSpec(findings: readonly Finding[]): Finding[] {
  return findings.map(({ pointer, message }) => ({ pointer: `${MANIFEST_POINTER}${pointer}`, message }));
}
