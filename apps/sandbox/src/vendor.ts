import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance } from 'fastify';
import type { ZodType } from 'zod';
import type { Clock } from './clock.js';
import type { JsonObject } from './json.js';

export type Operation = 'token' | 'list' | 'get' | 'create' | 'update' | 'delete' | 'unknown';

/** What a call is about, told from its method and path alone. */
export interface CallTarget {
  /** A kind of the vendor's, `token`, or `unknown`. */
  resource: string;
  operation: Operation;
}

export interface VendorCall {
  method: string;
  /** Path behind the vendor's prefix, beginning with a slash, without the query. */
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  body: string;
}

/** The objects number `from` (counted from 0) to `to`, without that one, of `of`. */
export interface Page {
  from: number;
  to: number;
  of: number;
}

export interface VendorReply {
  status: number;
  /** Text as it goes over the wire; JSON unless `headers` say otherwise. Left out: no body. */
  body?: string;
  headers?: Record<string, string>;
  /** The vendor's own code for a refusal, for the ledger. */
  code?: string;
  /** True when the call has changed what the vendor holds. */
  changed?: boolean;
  /** Id of the object that was made, changed, read or removed. */
  objectId?: string;
  /** Of a list that may come in parts. */
  page?: Page;
}

/** A vendor in memory. One is made per sandbox; all of its work is synchronous, so calls never interleave. */
export interface Vendor {
  identify(method: string, path: string): CallTarget;
  handle(call: VendorCall): VendorReply;
  /** Every object by kind, as stored, with the tenant or region it lives in. */
  objects(): Record<string, JsonObject[]>;
  /** Puts objects in place without the vendor's checks; `scope` is a tenant or region. Returns their ids. */
  insert(kind: string, objects: JsonObject[], scope?: string): string[];
  /** Changes an object behind the client's back by an RFC 7396 merge patch. */
  edit(kind: string, id: string, patch: JsonObject): JsonObject;
  /** Removes an object behind the client's back, whatever refers to it. */
  remove(kind: string, id: string): void;
  /** Makes every token issued so far invalid and returns how many there were. */
  revokeTokens(): number;
  /**
   * Empties the vendor. What a client cannot make itself (eGain's agent application) is there afterwards in any case;
   * with `seed` so are the foreign objects that the knobs ask for.
   */
  reset(options: { seed: boolean }): void;
  /** Everything that it holds, as a structured clone can carry it; tokens and used-up limits are not part of it. */
  keep(): unknown;
  /** Puts in place what `keep` has answered, instead of what it holds. */
  restore(kept: unknown): void;
  /** Adds routes of its own below `/_sandbox/{vendor}`. */
  addControls?(server: FastifyInstance): void;
}

export interface VendorContext<Knobs> {
  clock: Clock;
  /** The knobs as they are now. */
  knobs: () => Knobs;
}

/** What a vendor's folder offers to the sandbox; `vendors.ts` lists them. */
export interface VendorModule<Knobs> {
  /** Paths under which it answers; the longest match over all vendors wins, an empty one stands for the root. */
  prefixes: readonly string[];
  knobs: ZodType<Knobs>;
  create(context: VendorContext<Knobs>): Vendor;
}

/** A request of the control interface that cannot be done; `status` is its HTTP status. */
export class ControlError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'ControlError';
    this.status = status;
  }
}

/** Splits a path into its segments, decoded; an undecodable one is kept as it is. */
export function segments(path: string): string[] {
  return path
    .split('/')
    .filter((part) => part !== '')
    .map((part) => {
      try {
        return decodeURIComponent(part);
      } catch {
        return part;
      }
    });
}

/** Extra knobs that every vendor has. */
export interface CommonKnobs {
  /** Artificial latency of every call, in milliseconds. */
  delayMs: number;
}
