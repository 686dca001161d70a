import type { Json } from './json.js';
import type { CallTarget, Page } from './vendor.js';

/** One call to a vendor. It never holds a secret in clear, and no answer's body. */
export interface LedgerEntry extends CallTarget {
  seq: number;
  /** When the call came in, RFC 3339. */
  at: string;
  vendor: string;
  method: string;
  path: string;
  query: Record<string, string>;
  /** The request's body, secrets masked and long texts cut; `null` where it is not JSON or a form. */
  body: Json;
  /** `null` as long as there is no answer, or when the client got none. */
  status: number | null;
  /** The vendor's own code in a refusal. */
  code: string | null;
  /** True once the call has changed what the vendor holds. */
  applied: boolean;
  objectId: string | null;
  /** True once the client was sent the vendor's own answer, whole. */
  genuine: boolean;
  /** Which part of a list was answered; `null` where a list comes whole. */
  page: Page | null;
  /** Id of the fault rule that hit the call. */
  fault: string | null;
  requestId: string;
  durationMs: number | null;
}

const MOST_ENTRIES = 200_000;

/** Every call to a vendor since the last reset, oldest first; beyond 200,000 the oldest half is dropped. */
export class Ledger {
  #entries: LedgerEntry[] = [];
  #seq = 0;

  /** Number of the last call. */
  get seq(): number {
    return this.#seq;
  }

  open(
    call: Omit<
      LedgerEntry,
      'seq' | 'body' | 'status' | 'code' | 'applied' | 'objectId' | 'genuine' | 'page' | 'fault' | 'durationMs'
    >,
  ): LedgerEntry {
    this.#seq += 1;
    const entry: LedgerEntry = {
      seq: this.#seq,
      ...call,
      body: null,
      status: null,
      code: null,
      applied: false,
      objectId: null,
      genuine: false,
      page: null,
      fault: null,
      durationMs: null,
    };
    if (this.#entries.length >= MOST_ENTRIES) this.#entries = this.#entries.slice(MOST_ENTRIES / 2);
    this.#entries.push(entry);
    return entry;
  }

  /** Entries after number `seq`. */
  since(seq: number): LedgerEntry[] {
    return seq <= 0 ? [...this.#entries] : this.#entries.filter((entry) => entry.seq > seq);
  }

  clear(): void {
    this.#entries = [];
    this.#seq = 0;
  }
}
