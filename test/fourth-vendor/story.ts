import type { Connection } from '#libs/config/connections.js';
import type { OnboardingSpec } from '#libs/contracts/index.js';
import { connectionsOf, connectionsFile, tempFolder, type ConnectionTimes } from '#test/support/sandbox.js';
import { PASS } from './sandbox.js';

/** A spec for Parley alone. */
export function parleySpec(change: Partial<OnboardingSpec> = {}): OnboardingSpec {
  return {
    tenant: 'acme',
    account: 'desk',
    chain: 'parley',
    connections: { parley: 'parley-north' },
    onFailure: 'rollback',
    adopt: false,
    labels: {},
    notify: [],
    parley: { brand: 'Acme', line: { name: 'acme-desk', greeting: 'Good day' }, badge: 'acme-badge' },
    ...change,
  };
}

/** A connection to the office that the sandbox plays. */
export const PARLEY_TIMES: ConnectionTimes = {
  more: (url, limits) => ({
    'parley-north': {
      vendor: 'parley',
      tenants: ['*'],
      adopt: true,
      office: 'north',
      address: `${url}/parley`,
      pass: PASS,
      limits,
    },
  }),
};

/** The same connection as the worker reads it, and what removes its file. */
export function parleyConnections(url: string): { connections: Connection[]; remove: () => void } {
  const { folder, remove } = tempFolder();
  const all = connectionsOf(connectionsFile(folder, url, PARLEY_TIMES));
  return { connections: all.filter(({ vendor }) => vendor === 'parley'), remove };
}
