import type { Chain, Vendor } from './names.js';

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

/**
 * The sections of a spec, one per vendor, by the vendor's name. Each vendor declares its own (`libs/vendors/<vendor>/spec.ts`), so that
 * a spec is typed without anything here that knows a vendor.
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- the vendors fill it
export interface VendorSections {}

/** The body of `POST /v1/onboardings` after validation (`docs/http.md` §4.4), with all defaults filled in. */
export interface OnboardingSpec extends VendorSections {
  tenant: string;
  account: string;
  chain: Chain;
  /** Name of the connection to use, by vendor. */
  connections: { [vendor in keyof VendorSections]?: string };
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
}

/** Returns the name of the connection that a spec uses at a vendor; undefined for none. */
export function connectionNameOf(
  { connections }: Pick<OnboardingSpec, 'connections'>,
  vendor: Vendor,
): string | undefined {
  const all: { readonly [name: string]: string | undefined } = connections;
  return Object.hasOwn(all, vendor) ? all[vendor] : undefined;
}

/** Returns a vendor's section of a spec; undefined where the spec has none. */
export function sectionOf(spec: OnboardingSpec, vendor: Vendor): unknown {
  return Object.hasOwn(spec, vendor) ? (spec as unknown as { readonly [name: string]: unknown })[vendor] : undefined;
}

export interface NotifySpec {
  url: string;
  secret: SecretValue;
  events: NotifyEvent[];
}
