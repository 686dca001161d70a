import type { FleetConnection, ScanProgress } from '#libs/contracts/index.js';
import { describeRun, type Description } from '#libs/history/describe.js';
import type { Engine } from '#libs/history/engine.js';

/** How far the reading of a connection is. */
export type Reading = Pick<ScanProgress, 'resource' | 'pages' | 'objects' | 'vendorCalls'>;

const SCAN = /^scan\/(.+)$/;

/** The connections whose scans a run has under way (`{vendor}/{name}`), by what Temporal itself knows of its children. */
export function scansUnderWay({ pendingChildren }: Description): string[] {
  return pendingChildren.flatMap(({ workflowId }) => SCAN.exec(workflowId ?? '')?.[1] ?? []).sort();
}

/** What the scan of a connection has told of its reading for a run, without a worker; null when it has told nothing yet. */
export async function readingOf(engine: Engine, connection: string, run: string): Promise<Reading | null> {
  const workflowId = `scan/${connection}`;
  const found = await describeRun(engine, { workflowId });
  for (const { heartbeatDetails } of found?.pendingActivities ?? []) {
    const told = (await engine.decoder.value(heartbeatDetails, workflowId)) as ScanProgress | undefined;
    if (told?.run !== run) continue;
    const { resource, pages, objects, vendorCalls } = told;
    return { resource, pages, objects, vendorCalls };
  }
  return null;
}

/** A connection of which nothing is known but that it is being read. */
export function beingRead(connection: string): FleetConnection {
  return { connection, status: 'reading', reason: null, accounts: 0, objects: 0, vendorCalls: 0 };
}
