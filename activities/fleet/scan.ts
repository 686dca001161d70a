import { setTimeout as delay } from 'node:timers/promises';
import { Context, log } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';
import {
  scanActivityType,
  type ScanInput,
  type ScanProgress,
  type ScanResult,
  type Vendor,
} from '#libs/contracts/index.js';
import { scan } from '#libs/fleet/index.js';
import type { RegistryAccess } from '#libs/registry/index.js';
import { placeHash, type Resource, type Timing } from '#libs/resources/index.js';
import type { StepActivity } from '../index.js';

/** How often a scan shows that it lives; well below its heartbeat timeout. */
const HEARTBEAT_MS = 2_000;

/** What the scan of one connection works with. */
export interface ScanActivityDeps<C> {
  vendor: Vendor;
  resources: readonly Resource<C>[];
  client: C;
  installation: string;
  /** Names the account at the vendor that the connection reaches. */
  place: string;
  timing: Timing;
  access: RegistryAccess;
  /** Calls that the connection's client has made in the lane of the fleet since it was opened. */
  fleetCalls: () => number;
}

/**
 * The one activity of a connection's scan queue: compares its accounts with what its lists show, and writes nothing. An attempt that
 * follows another begins at the first page: what shifted meanwhile would slip otherwise.
 */
export function createScanActivities<C>(deps: ScanActivityDeps<C>): Record<string, StepActivity> {
  const { vendor, resources, client, installation, access, timing } = deps;
  return {
    [scanActivityType(vendor)]: async (input: ScanInput): Promise<ScanResult> => {
      const { cancellationSignal: signal, heartbeat } = Context.current();
      const before = deps.fleetCalls();
      const calls = (): number => deps.fleetCalls() - before;
      let progress: ScanProgress = { run: input.run, resource: '', pages: 0, objects: 0, vendorCalls: 0 };
      const beat = setInterval(() => heartbeat({ ...progress, vendorCalls: calls() }), HEARTBEAT_MS);
      heartbeat(progress);
      try {
        const sleep = async (ms: number): Promise<void> => delay(ms, undefined, { signal });
        const pace = { signal, timing, sleep, now: () => Date.now() };
        const onProgress = (now: Pick<ScanProgress, 'resource' | 'pages' | 'objects'>): void =>
          void (progress = { ...progress, ...now });
        const place = placeHash(deps.place);
        const result = await scan({ access, resources, client, installation, place, pace, calls, onProgress }, input);
        const { status, accounts, objects, vendorCalls, drifted, orphanCount } = result;
        log.info('connection scanned', {
          run: input.run,
          status,
          accounts,
          objects,
          vendorCalls,
          drifted,
          orphanCount,
        });
        return result;
      } catch (error) {
        if (signal.aborted) throw new CancelledFailure('the scan was stopped');
        throw error;
      } finally {
        clearInterval(beat);
      }
    },
  };
}
