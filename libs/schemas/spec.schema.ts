import { z } from 'zod';
import { NAME_PATTERN, NOTIFY_EVENTS } from '#libs/contracts/index.js';
import { body, identifier, line, list, secret, url } from '#libs/fields/fields.js';
import { CHAINS, VENDORS } from '#libs/onboarding/index.js';
import { vendorModule } from '#libs/vendors/registry.js';

const name = z.string().regex(NAME_PATTERN, {
  error: 'must be 1 to 48 lower-case letters, digits and hyphens, with a letter or digit at both ends',
});

const connection = identifier({ max: 100 });

/** Limits of labels: 32 of them, names of 1 to 63 characters, values of up to 255. */
const LABELS = 32;
const labels = z
  .record(
    z.string().regex(/^[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,61}[A-Za-z0-9])?$/, {
      error: 'must be a label name of 1 to 63 letters, digits and . _ / -, with a letter or digit at both ends',
    }),
    line({ max: 255, min: 0 }),
  )
  .refine((value) => Object.keys(value).length <= LABELS, { error: `must hold at most ${LABELS} labels` });

/** More node keys than a spec can lead to. */
const NODES = 1_000;

const notification = body({
  url: url(2048).meta({ description: 'Called with POST, in the form of Standard Webhooks' }),
  secret: secret({ inline: signingSecretFault }).meta({ description: 'whsec_ and the base64 of 24 to 64 bytes' }),
  events: list(z.enum(NOTIFY_EVENTS), 100).min(1).optional().meta({ description: 'All but waiting when left out' }),
}).meta({ id: 'Notification' });

/**
 * The body of `POST /v1/onboardings` (`docs/http.md` §4.4), field by field; the source of the API description. Rules across fields
 * are in `parseSpec`, which is what to call on input.
 */
export const onboardingSpecSchema = body({
  tenant: name.meta({ description: 'Whose account it is' }),
  account: name.meta({ description: 'Name of the account; with the tenant it is the id {tenant}.{account}' }),
  chain: z.enum(CHAINS),
  connections: body(Object.fromEntries(VENDORS.map((vendor) => [vendor, connection.optional()]))).meta({
    description: 'Names of vendor connections of this installation',
  }),
  onFailure: z
    .enum(['rollback', 'hold'])
    .optional()
    .meta({ description: 'What to do when a step fails for good; rollback when left out' }),
  adopt: z
    .union([z.boolean(), list(identifier())])
    .optional()
    .meta({
      description: 'Take over matching objects that are not ours: all, or those of some node keys; false when left out',
    }),
  labels: labels.optional().meta({ maxProperties: LABELS }),
  protect: z
    .boolean()
    .optional()
    .meta({ description: 'true: nothing of the account may be removed, by an amendment or an offboarding' }),
  ignoreDrift: z.record(z.string(), list(identifier(), 100)).optional().meta({
    maxProperties: NODES,
    description:
      'Fields whose drift is not told and not repaired, by node key: paths such as roles[].callback, with what lies below',
  }),
  notify: list(notification, 10).optional(),
  ...Object.fromEntries(VENDORS.map((vendor) => [vendor, vendorModule(vendor).section.schema.optional()])),
}).meta({ id: 'OnboardingSpec', description: 'What an account should look like at the vendors' });

/** The key of a Standard Webhooks secret in bytes; undefined when it is not written as `whsec_` and base64, padded or not. */
export function signingKeyBytes(value: string): number | undefined {
  const [, base64 = '', padding = ''] = /^whsec_([A-Za-z0-9+/]+)(={0,2})$/.exec(value) ?? [];
  const wrongLength = base64.length % 4 === 1 || (padding !== '' && (base64.length + padding.length) % 4 !== 0);
  return base64 === '' || wrongLength ? undefined : Buffer.from(base64, 'base64').length;
}

function signingSecretFault(value: string): string | undefined {
  return signingKeyBytes(value) === undefined
    ? 'must be whsec_ followed by the base64 of 24 to 64 random bytes'
    : undefined;
}
