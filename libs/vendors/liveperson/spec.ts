import type { JsonObject } from '#libs/contracts/index.js';

/** A LivePerson application manifest (`docs/vendors/liveperson.md` §5). */
export interface LivepersonSpec {
  manifest: JsonObject;
  /** The manifest's exact text where it was given as text. It is a secret: header values stand in it. */
  text?: string;
  handoff?: { dueInMs: number; remindEveryMs?: number; contact?: string };
}

declare module '#libs/contracts/spec.js' {
  interface VendorSections {
    liveperson?: LivepersonSpec;
  }
}
