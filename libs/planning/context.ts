import type { JsonObject } from '#libs/contracts/index.js';

/** What planning needs besides the spec. Nothing in it may depend on time or place: the same spec and context give the same plan. */
export interface PlanningContext {
  /** Name of this installation in ownership markers. */
  installation: string;
  /** SHA-256 of the UTF-8 bytes of a text, as lower-case hex. Passed in, because planning imports nothing. */
  sha256: (text: string) => string;
  /** What the vendors say of the spec's connections (`VendorModule.facts`), by vendor; nothing of one that has nothing to say. */
  facts: { readonly [vendor: string]: JsonObject | undefined };
}

/** A spec that is well formed and still cannot be planned; `pointer` (RFC 6901) names the field of the spec to change. */
export class PlanningError extends Error {
  readonly pointer: string;

  constructor(pointer: string, message: string) {
    super(message);
    this.name = 'PlanningError';
    this.pointer = pointer;
  }
}
