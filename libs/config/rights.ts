import { tenantMayUse, type Connections } from './connections.js';
import type { WatchedFile } from './watched-file.js';

/** Which tenants may name which variable of the worker as a secret; `*` for all. */
export type SecretRights = Readonly<Record<string, readonly string[]>>;

/** What the connections file allows whom, as it stands now. API and worker judge by it, each for itself. */
export interface Rights {
  /** Whether a tenant may use the connection of this name. One that is not in the file: nobody may. */
  mayUse: (connection: string, tenant: string) => boolean;
  /** Whether specs of a tenant may name this variable as a secret. */
  mayName: (variable: string, tenant: string) => boolean;
  /** Whether objects of others may be taken over on the connection of this name. */
  mayAdopt: (connection: string) => boolean;
}

/** Rights by what a connections file holds whenever they are asked. */
export function rightsIn(current: () => Pick<Connections, 'connections' | 'secrets'>): Rights {
  const named = (name: string): Connections['connections'][number] | undefined =>
    current().connections.find((connection) => connection.name === name);
  return {
    mayUse: (name, tenant) => {
      const connection = named(name);
      return connection !== undefined && tenantMayUse(connection, tenant);
    },
    mayName: (variable, tenant) => {
      const { secrets } = current();
      const tenants = Object.hasOwn(secrets, variable) ? secrets[variable] : undefined;
      return tenants !== undefined && (tenants.includes('*') || tenants.includes(tenant));
    },
    mayAdopt: (name) => named(name)?.adopt === true,
  };
}

/** Rights by a connections file, also after it has changed. */
export function rightsOf(file: WatchedFile<Connections>): Rights {
  return rightsIn(() => file.current());
}
