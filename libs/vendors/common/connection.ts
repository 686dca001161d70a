import type { ZodRawShape, ZodType } from 'zod';
import type { Vendor } from '#libs/contracts/index.js';
import type { Timing } from '#libs/resources/timing.js';

/**
 * Reads a credential, each time anew, so that a rotated one is taken up without a restart.
 * @throws {ConfigError} naming the credential's field and the variable or file, never the value.
 */
export type Credential = () => string;

/** A credential as the connections file gives it: inline, in a variable, or in a file. */
export type CredentialSource = string | { env: string } | { file: string };

/** What one connection allows (`docs/http.md` §3). */
export interface Limits {
  /** Steps started per second over all workers, and HTTP calls per second of each worker process. */
  requestsPerSecond: number;
  /** HTTP calls, and steps that work, side by side in one worker process. */
  concurrency: number;
  /** Deadline of one call in milliseconds. */
  timeoutMs: number;
  /** Share of `requestsPerSecond` that runs over the fleet take at most; default 0.5. */
  scanShare?: number;
}

/** What all connections have. A vendor's own has more (`libs/vendors/<vendor>/connection.ts`). */
export interface Connection {
  /** The connection's name in the file, `egain-main`. */
  name: string;
  vendor: Vendor;
  /** Names of the tenants that may use it; `['*']` for all. */
  tenants: string[];
  /** Whether specs may have objects of others taken over. By default only where exactly one tenant may use the connection. */
  adopt: boolean;
  limits: Limits;
  timing: Timing;
  /** Whether loopback and private hosts, and plain http for them, are allowed. */
  allowPrivateUrls: boolean;
}

/** Schemas of the connections file from which a vendor makes that of its entries; their messages name the cure and never the value. */
export interface ConnectionFields {
  /** A text that is there. */
  text: ZodType<string>;
  /** An address as it stands. */
  url: ZodType<string>;
  /** An address without a query and without a slash at its end. */
  baseUrl: ZodType<string>;
  credential: ZodType<CredentialSource>;
  /** Id of something in a URL's path: no character that would change it. */
  pathId: ZodType<string>;
}

/** The connections of one vendor: how an entry of the file is written, and what is made of it. `S` is a connection, `E` an entry. */
export interface ConnectionKind<S extends Connection = Connection, E = unknown> {
  /** What counts where the file says nothing else. `settleMs` are the pauses before the looks that settle an unclear outcome. */
  defaults: { limits: Limits; settleMs: readonly number[] };
  /** The fields of an entry beside those that all have. Fields that are not named are faults. */
  fields(fields: ConnectionFields): ZodRawShape;
  /** What is wrong between the fields of an entry whose fields are right. Absent: nothing can be. */
  faults?(entry: E): readonly { field: string; message: string }[];
  /** The connection of an entry. `credential` makes what reads one; `field` is its place in the entry. */
  build(entry: E, base: Connection, credential: (source: CredentialSource, field: string) => Credential): S;
  /** Every credential of a connection. */
  credentials(connection: S): Credential[];
}
