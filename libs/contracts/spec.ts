import type { JsonObject } from './json.js';
import type { Chain } from './names.js';

/** A secret of the customer: inline (sealed before anything starts), or a reference that the worker resolves. */
export type SecretValue = string | { env: string } | { file: string };

/** What to do when a step fails for good. */
export type OnFailure = 'rollback' | 'hold';

/**
 * What a notification may be about: `onboarding.<event>`, `amendment.<event>` and so on (`docs/http.md` §4.3). Most are statuses that an
 * operation comes to. `reminder` tells again that a person has not answered a hand-off, `drifted` that what differs at the vendors is
 * not what it was, `repaired` that a repair has brought something back.
 */
export const NOTIFY_EVENTS = [
  'succeeded',
  'waiting',
  'held',
  'rolled-back',
  'rollback-incomplete',
  'cancelled',
  'rejected',
  'reminder',
  'drifted',
  'repaired',
] as const;
export type NotifyEvent = (typeof NOTIFY_EVENTS)[number];

/** The body of `POST /v1/onboardings` after validation (`docs/http.md` §4.4), with all defaults filled in. */
export interface OnboardingSpec {
  tenant: string;
  account: string;
  chain: Chain;
  connections: { egain?: string; sinch?: string; liveperson?: string };
  onFailure: OnFailure;
  /** true: take over every matching object that is not ours; or the node keys for which to do so. */
  adopt: boolean | string[];
  labels: { [name: string]: string };
  /** true: nothing of the account may be removed, by an amendment or an offboarding. Absent: false. */
  protect?: boolean;
  /**
   * Fields whose drift is not told and not repaired, by node key. Paths are written as in a plan's changes, with `[]` for every item
   * of a list, and cover what lies below them. Absent: none.
   */
  ignoreDrift?: { [key: string]: string[] };
  notify: NotifySpec[];
  egain?: EgainSpec;
  sinch?: SinchSpec;
  liveperson?: LivepersonSpec;
}

export interface NotifySpec {
  url: string;
  secret: SecretValue;
  events: NotifyEvent[];
}

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

/** A LivePerson application manifest (`docs/vendors/liveperson.md` §5). */
export interface LivepersonSpec {
  manifest: JsonObject;
  /** The manifest's exact text where it was given as text. It is a secret: header values stand in it. */
  text?: string;
  handoff?: { dueInMs: number; remindEveryMs?: number; contact?: string };
}
