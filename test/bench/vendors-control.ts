import type { KnobChanges } from '#apps/sandbox/src/knobs.js';
import type { SandboxState } from '#apps/sandbox/src/sandbox.js';

/** The vendors of the benchmarks: a sandbox in a process of its own, steered over its control interface. */
export interface VendorsControl {
  setKnobs(changes: KnobChanges): Promise<void>;
  /** Latency of every call of every vendor, in milliseconds. */
  setDelay(ms: number): Promise<void>;
  /** The objects that stand, and no ledger. */
  objects(): Promise<SandboxState['objects']>;
  /** The calls after number `since`, and the number of the last one. */
  calls(since?: number): Promise<{ ledger: SandboxState['ledger']; seq: number }>;
  /** Removes whatever did not stand when this control was made. Tokens stay good, unlike with a reset. */
  sweep(): Promise<void>;
}

/** Takes what stands now as what is to stay. */
export async function controlVendors(url: string): Promise<VendorsControl> {
  const call = async (path: string, method = 'GET', body?: unknown): Promise<unknown> => {
    const response = await fetch(`${url}/_sandbox${path}`, {
      method,
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`the sandbox refused ${path}: ${response.status} ${await response.text()}`);
    return response.status === 204 ? undefined : response.json();
  };
  const objects = async (): Promise<SandboxState['objects']> =>
    ((await call('/state?ledger=false')) as SandboxState).objects;
  const kept = new Set(idsOf(await objects()).map(({ id }) => id));
  const standing = async (): Promise<Placed[]> => idsOf(await objects()).filter(({ id }) => !kept.has(id));
  return {
    objects,
    setKnobs: async (changes) => {
      await call('/knobs', 'PUT', changes);
    },
    setDelay: async (delayMs) => {
      await call('/knobs', 'PUT', { egain: { delayMs }, sinch: { delayMs } });
    },
    calls: async (since = 0) => {
      const { ledger, seq } = (await call(`/state?objects=false&since=${since}`)) as SandboxState;
      return { ledger, seq };
    },
    sweep: async () => {
      // What goes with another object (a webhook with its app) is gone before its turn: so take kind by kind, and look again.
      for (let made = await standing(); made.length > 0; made = await standing()) {
        const kind = made[0]?.kind;
        await Promise.all(made.filter((one) => one.kind === kind).map((one) => call(pathOf(one), 'DELETE')));
      }
    },
  };
}

interface Placed {
  vendor: string;
  kind: string;
  id: string;
}

function pathOf({ vendor, kind, id }: Placed): string {
  return `/objects/${vendor}/${kind}/${encodeURIComponent(id)}`;
}

function idsOf(objects: SandboxState['objects']): Placed[] {
  return Object.entries(objects).flatMap(([vendor, kinds]) =>
    Object.entries(kinds).flatMap(([kind, list]) =>
      list.flatMap(({ id }) => (typeof id === 'string' ? [{ vendor, kind, id }] : [])),
    ),
  );
}
