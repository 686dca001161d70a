import type { JsonObject } from '#libs/contracts/index.js';
import type { Hints } from '#libs/text/closest.js';
import { crossFieldRules } from './cross-field.js';
import { manifestFields } from './fields.js';
import { readObject, readText } from './reading.js';
import { type Finding, Review } from './review.js';
import { withoutAlias } from './webhooks.js';

interface Findings {
  /** What makes the manifest unfit. */
  errors: Finding[];
  /** What is worth a look and does not stop an installation. */
  warnings: Finding[];
  /** What a person approves: a text as it was given, byte for byte; an object as two-space JSON in the order given. */
  text: string;
}

/** What the validator says. `manifest` is what `text` holds. */
export type ManifestVerdict = Findings & ({ ok: true; manifest: JsonObject } | { ok: false });

/**
 * Judges an application manifest for general apps and connectors, in both modes, without a network: every field, limit and rule
 * of docs/vendors/liveperson.md §5.1 to §5.3, its contradictions resolved by §5.4. All findings come at once. Nothing is coerced; the
 * one rewrite is D13's alias, and only in an object: in a text it is an error. The input is not changed, and nothing is thrown.
 * `hints` are those of the document that the manifest stands in, where it stands in one.
 */
export function validateManifest(input: JsonObject | string, hints?: Hints): ManifestVerdict {
  const isText = typeof input === 'string';
  const review = new Review(isText ? 'text' : 'object', hints);
  const given = isText ? readText(input, review) : readObject(input, review);
  if (given) {
    manifestFields(given, '', review);
    crossFieldRules(given, review);
  }
  const manifest = given && !isText ? withoutAlias(given) : given;
  const text = isText ? input : manifest === undefined ? '' : JSON.stringify(manifest, null, 2);
  const { errors, warnings } = review;
  return manifest && errors.length === 0
    ? { ok: true, errors, warnings, text, manifest }
    : { ok: false, errors, warnings, text };
}
