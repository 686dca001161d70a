import type { JsonObject } from '#libs/contracts/index.js';

/** eGain's documented request bodies, less what the engine wires. Fields without a type of their own are the vendor's (`docs/vendors/egain.md` §7). */
export interface EgainSpec {
  authentication?: JsonObject;
  clientApplication: EgainClientApplicationSpec;
  bot?: { clientApplication: EgainClientApplicationSpec; participant: JsonObject };
  channels: EgainChannelSpec[];
  orchestration?: JsonObject;
}

export interface EgainClientApplicationSpec extends JsonObject {
  roles: JsonObject[];
}

/** A channel body, and under `account` the conversation account bound to it and to the orchestration. */
export interface EgainChannelSpec extends JsonObject {
  type: string;
  account: JsonObject;
}

declare module '#libs/contracts/spec.js' {
  interface VendorSections {
    egain?: EgainSpec;
  }
}
