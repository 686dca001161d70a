import { accountId, type AccountRef, type Progress } from '#libs/contracts/index.js';
import type { RunRef } from '#libs/history/event.js';

/** Addresses of a run over the fleet. */
export interface ReconciliationLinks {
  self: string;
  temporalUi: string | null;
}

/** Makes the links of a job or a run over the fleet. Addresses on the API are paths: the caller knows by which name it reached us. */
export interface Links {
  job(ref: AccountRef, runId: string, run: RunRef | null): Progress['links'];
  reconciliation(id: string, run: RunRef): ReconciliationLinks;
  /** Base of the addresses that leave the API, without a slash at its end. */
  publicUrl: string;
}

/** `ui` is the base of the Temporal UI; undefined where none is known. */
export function createLinks(options: { ui: string | undefined; namespace: string; consoleUrl: string }): Links {
  const { ui, namespace, consoleUrl } = options;
  return {
    job(ref, runId, run) {
      const self = `/v1/onboardings/${accountId(ref)}`;
      return {
        self: `${self}?runId=${runId}`,
        events: `${self}/events?runId=${runId}`,
        temporalUi: ui !== undefined && run ? workflowPage(ui, namespace, run) : null,
      };
    },
    reconciliation: (id, run) => ({
      self: `/v1/reconciliations/${id}`,
      temporalUi: ui === undefined ? null : workflowPage(ui, namespace, run),
    }),
    publicUrl: consoleUrl,
  };
}

function workflowPage(ui: string, namespace: string, { workflowId, runId }: RunRef): string {
  const path = [namespace, 'workflows', workflowId, runId].map((part) => encodeURIComponent(part)).join('/');
  return `${ui}/namespaces/${path}/history`;
}
