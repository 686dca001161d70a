import type { Connection } from '#libs/config/connections.js';
import { VendorError, type JsonObject, type VendorFault } from '#libs/contracts/index.js';
import type { Resource, SeenObject, WriteMode } from '#libs/resources/contract.js';
import { egainModule, type EgainClient, type EgainConnection } from '#libs/vendors/egain/index.js';
import { sinchModule, type SinchClient, type SinchConnection } from '#libs/vendors/sinch/index.js';
import {
  connectionsFile,
  connectionsOf,
  startSandbox,
  tempFolder,
  type ConnectionTimes,
} from '#test/support/sandbox.js';
import type { Sandbox } from '#apps/sandbox/src/server.js';

/** The sandbox and a client of each vendor on it. */
export interface Vendors {
  sandbox: Sandbox;
  egain: EgainClient;
  sinch: SinchClient;
  settings: { egain: EgainConnection; sinch: SinchConnection };
  /** Another client on changed settings. */
  connectEgain(settings: Partial<EgainConnection>): EgainClient;
  connectSinch(settings: Partial<SinchConnection>): SinchClient;
  close(): Promise<void>;
}

/** Starts the sandbox and connects to both vendors. */
export async function openVendors(times: ConnectionTimes = {}): Promise<Vendors> {
  const { folder, remove } = tempFolder();
  const { sandbox, url } = await startSandbox();
  const connections = connectionsOf(connectionsFile(folder, url, times));
  const settings = {
    egain: the<EgainConnection>(connections, 'egain'),
    sinch: the<SinchConnection>(connections, 'sinch'),
  };
  const open: { close(): Promise<void> }[] = [];
  const connectEgain = (changes: Partial<EgainConnection>): EgainClient => {
    const connected = egainModule.connect({ ...settings.egain, ...changes });
    open.push(connected);
    return connected.client;
  };
  const connectSinch = (changes: Partial<SinchConnection>): SinchClient => {
    const connected = sinchModule.connect({ ...settings.sinch, ...changes });
    open.push(connected);
    return connected.client;
  };
  return {
    sandbox,
    egain: connectEgain({}),
    sinch: connectSinch({}),
    settings,
    connectEgain,
    connectSinch,
    close: async () => {
      await Promise.all(open.map((connected) => connected.close()));
      await sandbox.close();
      remove();
    },
  };
}

/** The fault with which a call fails; a call that does not fail, or not so, fails the test. */
export async function faultOf(call: Promise<unknown>): Promise<VendorFault> {
  try {
    await call;
  } catch (error) {
    if (error instanceof VendorError) return error.fault;
    throw error;
  }
  throw new Error('the call succeeded, but a VendorError was expected');
}

/** An object that must be there. */
export async function seenOf<C>(resource: Resource<C>, client: C, id: string): Promise<SeenObject> {
  const seen = await resource.get(client, id, {});
  if (!seen) throw new Error(`${resource.name} ${id} is not there`);
  return seen;
}

/** The paths in which an object differs from a body. */
export function differs<C>(
  resource: Resource<C>,
  body: JsonObject,
  seen: SeenObject,
  mode: WriteMode = 'own',
): string[] {
  return resource.diff({ body, mode }, seen).map(({ path }) => path);
}

/** What the sandbox really holds of an object. */
export function stored(sandbox: Sandbox, vendor: string, kind: string, id: string): JsonObject {
  const found = sandbox.state().objects[vendor]?.[kind]?.find((object) => object['id'] === id);
  if (!found) throw new Error(`${vendor} ${kind} ${id} is not in the sandbox`);
  return found;
}

function the<C extends Connection>(connections: readonly Connection[], vendor: C['vendor']): C {
  const found = connections.find((connection) => connection.vendor === vendor);
  if (!found) throw new Error(`no connection of ${vendor}`);
  return found as C;
}
