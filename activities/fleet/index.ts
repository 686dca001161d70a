import type { Client } from '@temporalio/client';
import {
  FLEET_ACTIVITIES,
  type BeginInput,
  type NoteInput,
  type RepairInput,
  type SweepOrder,
} from '#libs/contracts/index.js';
import type { RegistryAccess } from '#libs/registry/index.js';
import type { StepActivity } from '../index.js';
import { alive } from './alive.js';
import { begin, type BeginDeps } from './begin.js';
import { note } from './notes.js';
import { repair } from './repair.js';
import { sweep } from './sweep.js';

export { createScanActivities } from './scan.js';
export { createSweepActivities } from './sweep.js';

/** What the activities of a run over the fleet work with that belong to no connection. */
export interface FleetDeps extends BeginDeps {
  access: RegistryAccess;
  client: Client;
}

/** The activities of a run over the fleet on the queue of workflows. */
export function createFleetActivities(deps: FleetDeps): Record<string, StepActivity> {
  const { access, client } = deps;
  return {
    [FLEET_ACTIVITIES.begin]: (input: BeginInput) => alive(() => begin(deps, input)),
    [FLEET_ACTIVITIES.note]: (input: NoteInput) => note(client, input),
    [FLEET_ACTIVITIES.repair]: (input: RepairInput) => repair(access, client, input),
    [FLEET_ACTIVITIES.sweep]: (input: SweepOrder) => sweep(access, client, input),
  };
}
