import type { Connection, ConnectionKind, Credential, CredentialSource } from '../common/index.js';

/** A partition of eGain (`docs/vendors/egain.md` §3). Base addresses have no slash at their end. */
export interface EgainConnection extends Connection {
  vendor: 'egain';
  apiBase: string;
  tokenUrl: string;
  scope: string;
  clientId: Credential;
  clientSecret: Credential;
  /** Id of the partition's agent application, for orchestrations that name none. */
  agentClientApplicationId: string;
}

interface Entry {
  apiBase: string;
  tokenUrl: string;
  scope: string;
  clientId: CredentialSource;
  clientSecret: CredentialSource;
  agentClientApplicationId: string;
}

export const egainConnection: ConnectionKind<EgainConnection, Entry> = {
  defaults: { limits: { requestsPerSecond: 2, concurrency: 2, timeoutMs: 10_000 }, settleMs: [2_000, 5_000, 15_000] },
  fields: ({ baseUrl, url, text, credential, pathId }) => ({
    apiBase: baseUrl,
    tokenUrl: url,
    scope: text,
    clientId: credential,
    clientSecret: credential,
    agentClientApplicationId: pathId,
  }),
  build: ({ apiBase, tokenUrl, scope, agentClientApplicationId, ...entry }, base, credential) => ({
    ...base,
    vendor: 'egain',
    apiBase,
    tokenUrl,
    scope,
    clientId: credential(entry.clientId, 'clientId'),
    clientSecret: credential(entry.clientSecret, 'clientSecret'),
    agentClientApplicationId,
  }),
  credentials: ({ clientId, clientSecret }) => [clientId, clientSecret],
};
