import fc from 'fast-check';
import type { JsonObject, JsonValue } from '#libs/contracts/index.js';
import { WEBHOOK_EVENTS } from './webhooks.js';

const ENGAGEMENT_LISTS = {
  entry_point: { values: ['section', 'url'], min: 1 },
  visitor_behavior: {
    values: ['visited_location', 'time_on_location', 'flow', 'about_to_abandon', 'cart_items', 'visitor_error'],
    min: 0,
  },
  target_audience: {
    values: ['external_referral', 'ip', 'age', 'gender', 'store_number', 'registration_date'],
    min: 0,
  },
  goal: { values: ['url', 'purchase_total', 'num_of_pages', 'lead', 'service_activity'], min: 0 },
  consumer_identity: { values: ['auth', 'unauth'], min: 1 },
};

/** Characters of one to four bytes in UTF-8, without those that would make a placeholder. */
const character = fc.constantFrom('a', 'Z', '7', '.', ' ', 'ü', 'ß', '語', '€', '😀', '𝒜');
const textOf = (min: number, max: number): fc.Arbitrary<string> =>
  fc.string({ unit: character, minLength: min, maxLength: max });
/** Without blanks at its ends, which names may not have. */
const lineOf = (max: number): fc.Arbitrary<string> => textOf(0, max).map((line) => line.trim());
const nameOf = (max: number): fc.Arbitrary<string> => textOf(0, max - 1).map((rest) => `n${rest}`.trim());
const uriOf = (length: fc.Arbitrary<number>): fc.Arbitrary<string> =>
  length.map((count) => 'https://hooks.acme.com/x'.padEnd(count, 'é'));
const some = (values: readonly string[], min = 0): fc.Arbitrary<string[]> =>
  fc
    .subarray([...values], { minLength: min })
    .chain((chosen) => fc.shuffledSubarray(chosen, { minLength: chosen.length }));
/** Any of the members, or none of them. */
const optional = (members: Record<string, fc.Arbitrary<JsonValue>>): fc.Arbitrary<JsonObject> =>
  fc.record(members, { requiredKeys: [] }) as fc.Arbitrary<JsonObject>;

const header = fc.record({
  header_name: fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,20}$/),
  header_value: nameOf(40),
});
const webhook = fc.record(
  {
    endpoint: uriOf(fc.integer({ min: 24, max: 300 })),
    max_retries: fc.integer({ min: 0, max: 5 }),
    headers: fc.array(header),
  },
  { requiredKeys: ['endpoint'] },
);
const engagement = fc.record({
  design_engagement: fc.boolean(),
  design_window: fc.boolean(),
  language_selection: fc.boolean(),
  ...Object.fromEntries(Object.entries(ENGAGEMENT_LISTS).map(([key, { values, min }]) => [key, some(values, min)])),
});
const capabilities = optional({
  webhooks: optional({
    ...Object.fromEntries(WEBHOOK_EVENTS.map((event) => [event, webhook as fc.Arbitrary<JsonValue>])),
    retry: fc.record({ retention_time: fc.integer({ min: 2, max: 259_200 }) }),
  }),
  engagement,
});
const optionalFields = optional({
  'client_name#de': nameOf(128),
  'client_name#zh-Hant-TW': nameOf(128),
  display_name: lineOf(128),
  description: textOf(0, 256),
  enabled: fc.boolean(),
  grant_types: some(['client_credentials', 'authorization_code', 'refresh_token'], 1),
  response_types: some(['code', 'token', 'id_token', 'id_token token']),
  scope: lineOf(128),
  logo_uri: fc.oneof(fc.constant(''), fc.constant('/logo.png'), uriOf(fc.integer({ min: 24, max: 1024 }))),
  quick_launch_enabled: fc.boolean(),
  entry_uri: uriOf(fc.integer({ min: 24, max: 1024 })),
  enabled_for_profiles: fc.uniqueArray(fc.nat()),
  capabilities,
});
/** Any manifest within the limits, as an object: whatever of its fields, in any order, with characters of one to four bytes. */
export const soundManifest: fc.Arbitrary<JsonObject> = fc
  .tuple(
    nameOf(128),
    optionalFields,
    fc.array(uriOf(fc.integer({ min: 24, max: 128 })), { minLength: 1 }),
    fc.boolean(),
  )
  .map(([client_name, rest, redirect_uris, isLast]) =>
    isLast ? { ...rest, redirect_uris, client_name } : { client_name, redirect_uris, ...rest },
  );
