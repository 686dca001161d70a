import { DRIFT_KINDS, type DriftKind } from '#libs/contracts/index.js';
import { isEngineUnavailable } from '#libs/temporal/client.js';
import { driftQuery } from '../accounts/account-list.js';
import type { Engine } from '#libs/history/engine.js';
import { countRows } from '#libs/history/rows.js';
import type { Schedules, ScheduleStanding } from './schedules.js';

/** Facts hold for so long, however often metrics are read. Milliseconds. */
const KEPT_MS = 30_000;

/** How the fleet stands, as metrics tell it. */
export interface FleetFacts {
  /** Accounts by kind of recorded drift. */
  drifted: ReadonlyMap<DriftKind, number>;
  schedules: readonly ScheduleStanding[];
}

/** Looks at schedules and drifted accounts for metrics. */
export class FleetWatch {
  private kept: { facts: Promise<FleetFacts | null>; until: number } | undefined;

  constructor(
    private readonly engine: Engine,
    private readonly schedules: Pick<Schedules, 'standings'>,
  ) {}

  /** Null while Temporal cannot be asked: `/readyz` says so. */
  facts(now = Date.now()): Promise<FleetFacts | null> {
    if (!this.kept || now >= this.kept.until) this.kept = { facts: this.ask(now), until: now + KEPT_MS };
    return this.kept.facts;
  }

  private async ask(now: number): Promise<FleetFacts | null> {
    try {
      const drifted = new Map<DriftKind, number>();
      for (const kind of DRIFT_KINDS) drifted.set(kind, await countRows(this.engine, accountsWith(kind)));
      return { drifted, schedules: await this.schedules.standings(now) };
    } catch (error) {
      this.kept = undefined;
      if (isEngineUnavailable(error)) return null;
      throw error;
    }
  }
}

function accountsWith(kind: DriftKind): string {
  return `WorkflowType = 'account' AND ExecutionStatus = 'Running' AND ${driftQuery(kind)}`;
}
