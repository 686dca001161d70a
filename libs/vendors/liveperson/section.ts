import { DEFAULT_DUE_MS, type JsonObject } from '#libs/contracts/index.js';
import { durationText, parseDuration } from '#libs/fields/duration.js';
import type { FieldTree } from '#libs/fields/field-paths.js';
import { REDACTED } from '#libs/planning/index.js';
import type { VendorSection } from '../module.js';
import { LIVEPERSON_KEYS } from './keys.js';
import { manifestFields, type Check } from './manifest/index.js';
import { APP_SECRETS } from './secret-paths.js';
import { livepersonRules, readManifest } from './section.rules.js';
import { livepersonSchema } from './section.schema.js';
import type { LivepersonSpec } from './spec.js';

/** The section as it is sent: the manifest as an object or its exact text, and times as texts. */
interface Input {
  manifest: JsonObject | string;
  handoff?: { dueIn?: string | undefined; remindEvery?: string | undefined; contact?: string | undefined } | undefined;
}

/** The LivePerson section of a spec: an application manifest (`docs/vendors/liveperson.md` §5). */
export const livepersonSection: VendorSection<Input, LivepersonSpec> = {
  schema: livepersonSchema,
  rules: livepersonRules,
  withDefaults,
  document,
  urls: [],
  secrets: APP_SECRETS,
  bodies: ['text'],
  headers: APP_SECRETS.filter((path) => path.endsWith('.header_value')),
  nodes: () => [[LIVEPERSON_KEYS.app, 'app']],
  placeOf: () => '/liveperson',
  // Paths of an app's changes begin in its manifest.
  fields: { app: () => ofCheck(manifestFields) },
};

function withDefaults({ manifest, handoff }: Input): LivepersonSpec {
  const read = readManifest(manifest);
  if (!handoff) return read;
  const remindEveryMs = handoff.remindEvery === undefined ? undefined : parseDuration(handoff.remindEvery);
  return {
    ...read,
    handoff: {
      dueInMs: (handoff.dueIn === undefined ? undefined : parseDuration(handoff.dueIn)) ?? DEFAULT_DUE_MS,
      ...(remindEveryMs === undefined ? {} : { remindEveryMs }),
      ...(handoff.contact === undefined ? {} : { contact: handoff.contact }),
    },
  };
}

/** A manifest whose text is hidden is shown as the object that it holds. */
function document({ manifest, text, handoff }: LivepersonSpec): object {
  return {
    manifest: text === undefined || text === REDACTED ? manifest : text,
    ...(handoff
      ? {
          handoff: {
            dueIn: durationText(handoff.dueInMs),
            ...(handoff.remindEveryMs === undefined ? {} : { remindEvery: durationText(handoff.remindEveryMs) }),
            ...(handoff.contact === undefined ? {} : { contact: handoff.contact }),
          },
        }
      : {}),
  };
}

function ofCheck(check: Check): FieldTree {
  return {
    field: (name) => {
      const below = check.field?.(name);
      return below && ofCheck(below);
    },
    fields: check.fields ?? [],
    item: check.item && ofCheck(check.item),
  };
}
