import { createHash } from 'node:crypto';
import { bodyFields } from '#libs/fields/body-fields.js';
import { durationText, parseDuration } from '#libs/fields/duration.js';
import { limitsOf } from '#libs/fields/limits.js';
import { objectsAt, textAt } from '#libs/fields/raw.js';
import type { VendorSection } from '../module.js';
import { placeOf, SINCH_KEYS } from './keys.js';
import { SECTION_SECRETS } from './secret-paths.js';
import { sinchRules } from './section.rules.js';
import { sinchAppSchema, sinchSchema, sinchWebhookSchema } from './section.schema.js';
import type { SinchSpec } from './spec.js';

const DEFAULT_WAIT_MS = 30 * 60_000;

/** The section as it is sent: lists may be left out, and times are written as texts. */
type Input = Omit<SinchSpec, 'webhooks' | 'waitForActive'> & {
  webhooks?: SinchSpec['webhooks'] | undefined;
  waitForActive?: boolean | string | undefined;
};

/** The Sinch section of a spec: Sinch's own request bodies, less what the engine wires. */
export const sinchSection: VendorSection<Input, SinchSpec> = {
  schema: sinchSchema,
  rules: sinchRules,
  withDefaults: (input) => ({
    ...input,
    webhooks: input.webhooks ?? [],
    waitForActive: waitMs(input.waitForActive),
  }),
  document: (section) => ({
    ...section,
    waitForActive: section.waitForActive === false ? false : durationText(section.waitForActive),
  }),
  urls: ['webhooks[].target', 'webhooks[].client_credentials.endpoint'],
  secrets: SECTION_SECRETS,
  bodies: [],
  headers: [],
  nodes: (section) => [
    [SINCH_KEYS.app, 'app'],
    ...objectsAt(section, 'webhooks').flatMap(({ item }): [string, string][] => {
      const target = textAt(item, 'target');
      return target === undefined ? [] : [[SINCH_KEYS.webhook(target, sha256), 'webhook']];
    }),
    [SINCH_KEYS.channels, 'channels'],
  ],
  placeOf,
  fields: {
    app: () => bodyFields(limitsOf(sinchAppSchema)),
    webhook: () => bodyFields(limitsOf(sinchWebhookSchema), ['app_id']),
  },
};

function waitMs(given: boolean | string | undefined): number | false {
  if (given === false) return false;
  return typeof given === 'string' ? (parseDuration(given) ?? DEFAULT_WAIT_MS) : DEFAULT_WAIT_MS;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
