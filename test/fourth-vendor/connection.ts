import type { Connection, ConnectionKind, Credential, CredentialSource } from '#libs/vendors/common/index.js';

/** An office of Parley: a kind of connection that no other vendor has. */
export interface ParleyConnection extends Connection {
  vendor: 'parley';
  office: string;
  address: string;
  pass: Credential;
}

interface Entry {
  office: string;
  address: string;
  pass: CredentialSource;
}

export const parleyConnection: ConnectionKind<ParleyConnection, Entry> = {
  defaults: { limits: { requestsPerSecond: 7, concurrency: 3, timeoutMs: 4_000 }, settleMs: [1_000] },
  fields: ({ pathId, baseUrl, credential }) => ({ office: pathId, address: baseUrl, pass: credential }),
  faults: ({ office }) => (office === 'closed' ? [{ field: 'office', message: 'is closed: name another one' }] : []),
  build: ({ office, address, pass }, base, credential) => ({
    ...base,
    vendor: 'parley',
    office,
    address,
    pass: credential(pass, 'pass'),
  }),
  credentials: ({ pass }) => [pass],
};
