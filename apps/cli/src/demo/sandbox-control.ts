import type { JsonObject } from '#libs/contracts/json.js';

import { CliError } from '../errors.js';
import { vendorObjects, type VendorObject } from './vendor-objects.js';

/** A call to a vendor, as the sandbox's ledger keeps it. */
export interface LedgerEntry {
  seq: number;
  operation: string;
  /** What it was about: `account`. */
  resource: string;
  /** True once the call has changed what the vendor holds. */
  applied: boolean;
  /** Id of the fault rule that hit the call. */
  fault: string | null;
}

export interface SandboxSight {
  objects: VendorObject[];
  ledger: LedgerEntry[];
  /** Number of the last call. */
  seq: number;
}

/** The control interface of the sandbox (`docs/http.md` §6), as far as the demonstration needs it. */
export interface SandboxControl {
  /** All objects, and the calls after number `since`. */
  look(since?: number): Promise<SandboxSight>;
  /** Replaces the rules by which calls fail. */
  setFaults(rules: JsonObject[]): Promise<void>;
  /** Changes an object behind everybody's back. */
  edit(vendor: string, kind: string, id: string, patch: JsonObject): Promise<void>;
  /** What a person at LivePerson does with the file of a hand-off; returns the app's credentials. */
  installByPerson(accountId: string, manifest: string): Promise<{ clientId: string; clientSecret: string }>;
}

export function sandboxControl(url: string): SandboxControl {
  const call = async (path: string, init: RequestInit = {}): Promise<unknown> => {
    const response = await fetch(`${url}/_sandbox${path}`, { ...init, signal: AbortSignal.timeout(10_000) });
    if (!response.ok) throw new CliError(`the sandbox refused ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  return {
    async look(since = 0) {
      const state = (await call(`/state?since=${since}`)) as {
        objects: Record<string, Record<string, JsonObject[]>>;
        ledger: LedgerEntry[];
        seq: number;
      };
      return { objects: vendorObjects(state.objects), ledger: state.ledger, seq: state.seq };
    },
    async setFaults(rules) {
      const headers = { 'content-type': 'application/json' };
      await call('/faults', { method: 'PUT', headers, body: JSON.stringify({ rules }) });
    },
    async edit(vendor, kind, id, patch) {
      const headers = { 'content-type': 'application/json' };
      const path = ['/objects', vendor, kind, encodeURIComponent(id)].join('/');
      await call(path, { method: 'PATCH', headers, body: JSON.stringify(patch) });
    },
    async installByPerson(accountId, manifest) {
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ accountId, manifest });
      return (await call('/liveperson/person', { method: 'POST', headers, body })) as {
        clientId: string;
        clientSecret: string;
      };
    },
  };
}
