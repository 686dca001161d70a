import type { JsonObject } from '#libs/contracts/index.js';

/** Sinch's documented request bodies (`docs/vendors/sinch.md` §3 and §4). */
export interface SinchSpec {
  app: JsonObject;
  webhooks: SinchWebhookSpec[];
  /** Milliseconds to wait for all channels to be ACTIVE; false: do not wait. */
  waitForActive: number | false;
}

export interface SinchWebhookSpec extends JsonObject {
  target: string;
}

declare module '#libs/contracts/spec.js' {
  interface VendorSections {
    sinch?: SinchSpec;
  }
}
