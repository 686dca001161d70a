import type { Connection, ConnectionKind, Credential, CredentialSource } from '../common/index.js';

/** A project at Sinch in one region (`docs/vendors/sinch.md` §1). */
export interface SinchConnection extends Connection {
  vendor: 'sinch';
  apiBase: string;
  /** Left out: Basic authentication. */
  tokenUrl?: string;
  projectId: string;
  keyId: Credential;
  keySecret: Credential;
}

interface Entry {
  apiBase: string;
  tokenUrl?: string | undefined;
  projectId: string;
  keyId: CredentialSource;
  keySecret: CredentialSource;
}

export const sinchConnection: ConnectionKind<SinchConnection, Entry> = {
  defaults: { limits: { requestsPerSecond: 20, concurrency: 5, timeoutMs: 10_000 }, settleMs: [2_000, 5_000, 15_000] },
  fields: ({ baseUrl, url, pathId, credential }) => ({
    apiBase: baseUrl,
    tokenUrl: url.optional(),
    projectId: pathId,
    keyId: credential,
    keySecret: credential,
  }),
  build: ({ apiBase, tokenUrl, projectId, ...entry }, base, credential) => ({
    ...base,
    vendor: 'sinch',
    apiBase,
    ...(tokenUrl === undefined ? {} : { tokenUrl }),
    projectId,
    keyId: credential(entry.keyId, 'keyId'),
    keySecret: credential(entry.keySecret, 'keySecret'),
  }),
  credentials: ({ keyId, keySecret }) => [keyId, keySecret],
};
