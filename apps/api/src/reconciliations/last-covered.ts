import type { AccountState, ReconciliationRecord } from '#libs/contracts/index.js';
import { isEngineUnavailable } from '#libs/temporal/client.js';
import type { Engine } from '#libs/history/engine.js';
import { readFleetRuns, type FleetRun } from '#libs/history/fleet-runs.js';
import { covering } from './fleet-query.js';

/** So many of the latest runs are looked at: one that completed is among them, unless something is very wrong. */
const LOOKED_AT = 20;
/** Milliseconds. */
const KEPT_MS = 5_000;

/**
 * The last reconciliation of an account: its own, or a later run over many that found nothing to note on it and so left no trace there.
 */
export class LastCovered {
  private readonly kept = new Map<string, { until: number; runs: Promise<FleetRun[]> }>();

  constructor(
    private readonly engine: Engine,
    /** Whether a connection can be read: one that a person serves by hand cannot. */
    private readonly readable: (connection: string) => boolean,
  ) {}

  async of(state: AccountState): Promise<ReconciliationRecord | null> {
    const own = state.lastReconciliation ?? null;
    if (!state.resources.some(({ connection }) => this.readable(connection))) return own;
    const run = latestCovering(await this.latestRuns(state), state);
    if (!run || (own && own.at >= run.startedAt)) return own;
    const status = (state.drift?.entries.length ?? 0) > 0 ? 'drifted' : 'in-sync';
    return { at: run.startedAt, mode: run.mode, status };
  }

  /** The latest runs in whose scope accounts of a tenant and chain lie, kept for a moment: a namespace takes few lists a second. */
  private latestRuns({ tenant, chain }: AccountState): Promise<FleetRun[]> {
    const now = Date.now();
    const key = `${tenant} ${chain}`;
    const known = this.kept.get(key);
    if (known && now < known.until) return known.runs;
    const runs = readFleetRuns(this.engine, covering({ tenant, chain }), LOOKED_AT, null).then(
      ({ rows }) => rows,
      (error: unknown) => {
        this.kept.delete(key);
        // An account is read without lists: while there are none, what it records itself is told.
        if (isEngineUnavailable(error)) return [];
        throw error;
      },
    );
    for (const [each, { until }] of this.kept) if (until <= now) this.kept.delete(each);
    this.kept.set(key, { until: now + KEPT_MS, runs });
    return runs;
  }
}

/** The latest run that looked at an account and had nothing to note on it. */
export function latestCovering(
  runs: readonly Pick<FleetRun, 'status' | 'startedAt' | 'closedAt' | 'memo'>[],
  account: Pick<AccountState, 'lastOperation' | 'reconciliation'>,
): { startedAt: string; mode: ReconciliationRecord['mode'] } | undefined {
  const covers = runs.flatMap(({ status, startedAt, closedAt, memo }) => {
    if (status !== 'completed' || !memo || memo.from !== null || closedAt === null) return [];
    if (isCappedOff(account, startedAt) || wasBusy(account, startedAt, closedAt)) return [];
    return [{ startedAt, mode: memo.mode }];
  });
  return covers.sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1))[0];
}

/** An account that is capped `off` is not looked at. */
function isCappedOff({ reconciliation }: Pick<AccountState, 'reconciliation'>, at: string): boolean {
  return reconciliation?.mode === 'off' && (reconciliation.until === null || reconciliation.until > at);
}

/** Nothing is said of an account on which something runs, or that was not there yet. */
function wasBusy({ lastOperation }: Pick<AccountState, 'lastOperation'>, from: string, to: string): boolean {
  if (!lastOperation) return true;
  const { startedAt, endedAt, kind } = lastOperation;
  const notYetThere = kind === 'onboard' && (endedAt === null || endedAt > from);
  return notYetThere || (startedAt <= to && (endedAt === null || endedAt >= from));
}
