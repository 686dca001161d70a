import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '#libs/contracts/index.js';
import { validateManifest, WEBHOOK_EVENTS } from './index.js';
import { generalManifest, withValue } from './manifest.fixture.js';

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
const nameOf = (max: number): fc.Arbitrary<string> => textOf(0, max - 1).map((rest) => `n${rest}`);
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
  display_name: textOf(0, 128),
  description: textOf(0, 256),
  enabled: fc.boolean(),
  grant_types: some(['client_credentials', 'authorization_code', 'refresh_token'], 1),
  response_types: some(['code', 'token', 'id_token', 'id_token token']),
  scope: textOf(0, 128),
  logo_uri: fc.oneof(fc.constant(''), fc.constant('/logo.png'), uriOf(fc.integer({ min: 24, max: 1024 }))),
  quick_launch_enabled: fc.boolean(),
  entry_uri: uriOf(fc.integer({ min: 24, max: 1024 })),
  enabled_for_profiles: fc.uniqueArray(fc.nat()),
  capabilities,
});
const manifest: fc.Arbitrary<JsonObject> = fc
  .tuple(
    nameOf(128),
    optionalFields,
    fc.array(uriOf(fc.integer({ min: 24, max: 128 })), { minLength: 1 }),
    fc.boolean(),
  )
  .map(([client_name, rest, redirect_uris, isLast]) =>
    isLast ? { ...rest, redirect_uris, client_name } : { client_name, redirect_uris, ...rest },
  );

const pointersOf = (input: JsonObject | string): string[] =>
  validateManifest(input).errors.map(({ pointer }) => pointer);

describe('any manifest within the limits', () => {
  it('is accepted as an object, and its text and itself come back unchanged', () => {
    fc.assert(
      fc.property(manifest, (given) => {
        const verdict = validateManifest(given);
        expect(verdict.errors).toEqual([]);
        expect(verdict).toMatchObject({ ok: true, manifest: given, text: JSON.stringify(given, null, 2) });
      }),
    );
  });

  it('is accepted as a text, byte for byte, with the same warnings', () => {
    fc.assert(
      fc.property(manifest, fc.constantFrom(undefined, 0, 1, 4, '\t'), (given, indent) => {
        const text = `${JSON.stringify(given, null, indent)}\r\n`;
        const verdict = validateManifest(text);
        expect(verdict).toMatchObject({ ok: true, manifest: given, text });
        expect(verdict.warnings).toEqual(validateManifest(given).warnings);
      }),
    );
  });
});

const HOOKS = '/capabilities/webhooks';
const CONTENT = `${HOOKS}/ms.MessagingEventNotification.ContentEvent`;

/** Texts with a limit: the field, its limit, and how a text of so many characters is made of one character. */
const TEXTS: { pointer: string; max: number; text: (length: number, filler: string) => string }[] = [
  { pointer: '/client_name', max: 128, text: filled('n') },
  { pointer: '/client_name#de', max: 128, text: filled('n') },
  { pointer: '/display_name', max: 128, text: filled('') },
  { pointer: '/description', max: 256, text: filled('') },
  { pointer: '/scope', max: 128, text: filled('msg.consumer ') },
  { pointer: '/redirect_uris/1', max: 128, text: filled('https://app.acme.com/') },
  { pointer: '/logo_uri', max: 1024, text: filled('https://app.acme.com/') },
  { pointer: '/entry_uri', max: 1024, text: filled('https://app.acme.com/') },
];

describe('a text limit, counted in characters', () => {
  it.each(TEXTS)('$pointer takes $max and refuses one more, whatever the characters', ({ pointer, max, text }) => {
    const fillers = fc.constantFrom('x', 'ü', '語', '😀', '𝒜');
    fc.assert(
      fc.property(fillers, fc.integer({ min: 1, max: 2000 }), (filler, beyond) => {
        const at = (length: number): string[] =>
          pointersOf(withValue(generalManifest(), pointer, text(length, filler)));
        expect(at(max)).toEqual([]);
        expect(at(max + 1)).toEqual([pointer]);
        expect(at(max + beyond)).toEqual([pointer]);
      }),
      { numRuns: 30 },
    );
  });

  it.each(TEXTS)('$pointer is a warning when it fits in characters and not in bytes', ({ pointer, max, text }) => {
    const { warnings } = validateManifest(withValue(generalManifest(), pointer, text(max, '語')));
    expect(warnings).toContainEqual({ pointer, message: expect.stringContaining(`more than ${max} bytes`) as string });
  });
});

const NUMBERS = [
  { pointer: `${CONTENT}/max_retries`, min: 0, max: 5 },
  { pointer: `${HOOKS}/retry/retention_time`, min: 2, max: 259_200 },
  { pointer: '/enabled_for_profiles/0', min: 0, max: Number.MAX_SAFE_INTEGER, isOpen: true },
];

describe('a number limit', () => {
  const base = withValue(withValue(generalManifest(), '/enabled_for_profiles', [0]), `${HOOKS}/retry`, {
    retention_time: 60,
  });

  it.each(NUMBERS)('$pointer takes $min to $max whole, and nothing beside', ({ pointer, min, max, isOpen }) => {
    const at = (value: number): string[] => pointersOf(withValue(base, pointer, value));
    const inside = fc.oneof(fc.constantFrom(min, max), fc.integer({ min, max }));
    const beyond = isOpen ? [] : [fc.integer({ min: max + 1 })];
    const outside = fc.oneof(
      fc.integer({ max: min - 1 }),
      fc.integer({ min, max: min + 3 }).map((n) => n + 0.5),
      ...beyond,
    );
    fc.assert(
      fc.property(inside, (value) => {
        expect(at(value)).toEqual([]);
      }),
    );
    fc.assert(
      fc.property(outside, (value) => {
        expect(at(value)).toEqual([pointer]);
      }),
    );
  });
});

describe('one fault in any sound manifest', () => {
  const EVERYWHERE: JsonObject = { ...generalManifest(), 'client_name#de': 'x' };
  const leaves = leavesOf(EVERYWHERE);

  it('is refused at its place and nowhere else: a value of the wrong type', () => {
    const wrong = fc.constantFrom<JsonValue>(null, {}, [[]]);
    fc.assert(
      fc.property(fc.constantFrom(...leaves), wrong, (pointer, value) => {
        expect(pointersOf(withValue(EVERYWHERE, pointer, value))).toEqual([pointer]);
      }),
    );
  });

  it('is refused at its place and nowhere else: a key that nobody knows', () => {
    const objects = ['', '/capabilities', HOOKS, CONTENT, `${CONTENT}/headers/0`, '/capabilities/engagement'];
    fc.assert(
      fc.property(
        manifest,
        fc.constantFrom(...objects),
        fc.stringMatching(/^zz[a-z0-9/~_-]{0,20}$/),
        (given, place, key) => {
          const sound = { ...given, capabilities: EVERYWHERE['capabilities'] ?? {} };
          const pointer = `${place}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
          expect(pointersOf(withValue(sound, pointer, 'x'))).toEqual([pointer]);
        },
      ),
    );
  });

  it('is found together with every other one', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.constantFrom(...leaves.filter((leaf) => !/\/\d+$/.test(leaf)))), (places) => {
        const broken = places.reduce((document, place) => withValue(document, place, [[]]), EVERYWHERE);
        expect(pointersOf(broken).sort()).toEqual([...places].sort());
      }),
    );
  });
});

describe('any input whatever', () => {
  it('is answered and never thrown at', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const verdict = validateManifest(text);
        expect(verdict.text).toBe(text);
        expect(verdict.ok).toBe(verdict.errors.length === 0);
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(validateManifest(text).text).toBe(text);
      }),
    );
  });

  it('is JSON for us exactly when it is for JSON.parse', () => {
    const sound = fc.json({ maxDepth: 5 });
    const broken = fc
      .tuple(sound, fc.nat(), fc.constantFrom('', ',', '"', '}', '0', ' ', '\\'))
      .map(([text, at, piece]) => {
        const place = at % (text.length + 1);
        return text.slice(0, place) + piece + text.slice(place + 1);
      });
    fc.assert(
      fc.property(fc.oneof(sound, broken), (text) => {
        const says = validateManifest(text).errors.some(({ message }) => message.includes('not valid JSON'));
        expect(says).toBe(!isJson(text));
      }),
      { numRuns: 500 },
    );
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function filled(start: string): (length: number, filler: string) => string {
  return (length, filler) => start + filler.repeat(length - start.length);
}

/** Pointers of everything that is neither an object nor a list, and of no list that a missing item would make too short. */
function leavesOf(value: JsonValue, pointer = ''): string[] {
  if (typeof value !== 'object' || value === null) return [pointer];
  return Object.entries(value).flatMap(([key, member]) =>
    leavesOf(member, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`),
  );
}
