import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '#libs/contracts/index.js';
import { soundManifest } from './arbitraries.fixture.js';
import { validateManifest } from './index.js';
import { generalManifest, withValue } from './manifest.fixture.js';

const pointersOf = (input: JsonObject | string): string[] =>
  validateManifest(input).errors.map(({ pointer }) => pointer);

describe('any manifest within the limits', () => {
  it('is accepted as an object, and its text and itself come back unchanged', () => {
    fc.assert(
      fc.property(soundManifest, (given) => {
        const verdict = validateManifest(given);
        expect(verdict.errors).toEqual([]);
        expect(verdict).toMatchObject({ ok: true, manifest: given, text: JSON.stringify(given, null, 2) });
      }),
    );
  });

  it('is accepted as a text, byte for byte, with the same warnings', () => {
    fc.assert(
      fc.property(soundManifest, fc.constantFrom(undefined, 0, 1, 4, '\t'), (given, indent) => {
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
        soundManifest,
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
