import { z } from 'zod';
import type { Connection, ConnectionKind, Credential, CredentialSource } from '../common/index.js';

/** A LivePerson account (`docs/vendors/liveperson.md` §1, §3 and §4). */
export interface LivepersonConnection extends Connection {
  vendor: 'liveperson';
  /** How installs are made: by the install API, or handed to a person. */
  mode: 'handoff' | 'api';
  domainApi: string;
  accountId: string;
  /** `v` of the install API; 1.0 when left out, the only one that is known to show the secret of an app. */
  apiVersion?: string;
  /** Bearer of an administrator. In mode `api` exactly one of `bearer` and `login` is there. */
  bearer?: Credential;
  login?: { username: Credential; password: Credential };
}

interface Entry {
  mode: 'handoff' | 'api';
  domainApi: string;
  accountId: string;
  apiVersion?: string | undefined;
  bearer?: CredentialSource | undefined;
  login?: { username: CredentialSource; password: CredentialSource } | undefined;
}

export const livepersonConnection: ConnectionKind<LivepersonConnection, Entry> = {
  defaults: { limits: { requestsPerSecond: 5, concurrency: 2, timeoutMs: 10_000 }, settleMs: [5_000, 15_000, 40_000] },
  fields: ({ baseUrl, pathId, credential }) => ({
    mode: z.enum(['handoff', 'api'], 'must be handoff or api').default('handoff'),
    domainApi: baseUrl,
    accountId: pathId,
    apiVersion: pathId.optional(),
    bearer: credential.optional(),
    login: z.strictObject({ username: credential, password: credential }).optional(),
  }),
  faults: ({ mode, bearer, login }) => {
    if (bearer !== undefined && login !== undefined) {
      return [{ field: 'bearer', message: 'must not stand beside login: give one of them' }];
    }
    if (mode === 'handoff' || bearer !== undefined || login !== undefined) return [];
    return [{ field: 'bearer', message: 'is missing: mode api needs bearer, or login with username and password' }];
  },
  build: ({ mode, domainApi, accountId, apiVersion, bearer, login }, base, credential) => ({
    ...base,
    vendor: 'liveperson',
    mode,
    domainApi,
    accountId,
    ...(apiVersion === undefined ? {} : { apiVersion }),
    ...(bearer === undefined ? {} : { bearer: credential(bearer, 'bearer') }),
    ...(login === undefined
      ? {}
      : {
          login: {
            username: credential(login.username, 'login.username'),
            password: credential(login.password, 'login.password'),
          },
        }),
  }),
  credentials: ({ bearer, login }) => [bearer, login?.username, login?.password].filter((each) => each !== undefined),
};
