import type { JsonObject } from './json.js';
import type { Vendor } from './names.js';

/** How an account first came by an object. It lasts: whatever later operations do to the object, it stays as it was. */
export const OWNERSHIPS = ['created', 'adopted', 'shared'] as const;
export type Ownership = (typeof OWNERSHIPS)[number];

/** What one step did to bring its object to the plan. The surface calls it the step's `origin`. */
export const OUTCOMES = ['created', 'adopted', 'updated', 'shared', 'unchanged'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** How far it is proved that an object does what it is for. partial: it reads back as planned, and no machine can prove more. */
export type VerificationLevel = 'verified' | 'partial';

/** What a vendor issued for an object (an app's credentials), by name; every value is sealed. */
export interface Issued {
  [name: string]: string;
}

/** What was issued for one object. A type, so that it is JSON to the compiler; an interface is not. */
export type IssuedFor = {
  id: string;
  issued: Issued;
};

/** An object that a step has brought to stand, as far as is known of it before its verification ends. */
export type Provisioned = {
  id: string;
  ownership: Ownership;
  /** What was issued for it and is known already; empty: nothing. */
  issued: Issued;
  /** Of one that was taken over: its body before, secret fields removed, so that undo can put it back. Absent: it was not. */
  former?: JsonObject;
};

/**
 * How an object looked when it was brought to the plan, for runs over the fleet: where a list shows the same, nobody needs to look. It
 * spares a look and never decides.
 */
export type Trace = {
  /** Version of the projection that the fingerprint is taken of. */
  version: number;
  /** 27 characters of base64: 12 bytes of SHA-256 over kind and vendor id, 8 bytes of fingerprint. */
  mark: string;
  /** Which account at the vendor the connection reached, as a short hash. Absent: not told. */
  place?: string;
};

/** An object at a vendor that an account records. */
export interface OwnedResource {
  key: string;
  vendor: Vendor;
  resource: string;
  connection: string;
  externalId: string;
  ownership: Ownership;
  /**
   * Of an adopted one: the body before it was first taken over, secret fields removed. No later operation changes it: undo of the
   * operation that adopted, and offboarding, put it back.
   */
  former?: JsonObject;
  issued?: Issued;
  level?: VerificationLevel;
  /** Absent: nobody knows how it looked, and whoever compares it reads the plan. */
  trace?: Trace;
}
