import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkManifest } from '#apps/sandbox/src/liveperson/manifest-checks.js';
import type { JsonObject, JsonValue } from '#libs/contracts/index.js';
import { soundManifest } from '#libs/vendors/liveperson/manifest/arbitraries.fixture.js';
import { validateManifest } from '#libs/vendors/liveperson/manifest/index.js';
import { generalManifest, withValue } from '#libs/vendors/liveperson/manifest/manifest.fixture.js';

const isTakenByVendor = (manifest: JsonObject): boolean => checkManifest(manifest, 'refused').length === 0;

/** Pointers of everything in a document that is neither an object nor a list. */
function leavesOf(value: JsonValue, pointer = ''): string[] {
  if (typeof value !== 'object' || value === null) return [pointer];
  return Object.entries(value).flatMap(([key, member]) => leavesOf(member, `${pointer}/${key}`));
}

describe('what we call fit to install', () => {
  it('is taken by the vendor, whose rules are written down a second time there', () => {
    fc.assert(
      fc.property(soundManifest, (manifest) => {
        expect(validateManifest(manifest).ok).toBe(true);
        expect(checkManifest(manifest, 'refused')).toEqual([]);
      }),
    );
  });

  it('is refused by the vendor when we refuse it, and the other way round', () => {
    const base = generalManifest();
    const places = fc.constantFrom(...leavesOf(base));
    const values = fc.constantFrom<JsonValue | undefined>(
      ...[undefined, null, '', 'x', 'x'.repeat(129), 'https://a.example/{b}', 'http://a.example', '/x', 'code'],
      ...[-1, 0, 1, 5.5, 6, true, false],
    );
    fc.assert(
      fc.property(places, values, (pointer, value) => {
        const manifest = withValue(base, pointer, value);
        expect(isTakenByVendor(manifest), JSON.stringify(validateManifest(manifest).errors)).toBe(
          validateManifest(manifest).ok,
        );
      }),
      { numRuns: 1000 },
    );
  });
});
