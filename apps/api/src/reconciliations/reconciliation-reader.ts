import { QueryNotRegisteredError, QueryRejectedError } from '@temporalio/client';
import {
  emptyReport,
  FLEET_REPORT_QUERY,
  parseAccountId,
  parseMarker,
  type FleetConnection,
  type FleetReport,
  type FleetStatus,
} from '#libs/contracts/index.js';
import { GRPC, grpcCode } from '#libs/temporal/grpc-errors.js';
import { mayUse, type Caller } from '../auth/caller.js';
import type { Description } from '#libs/history/describe.js';
import type { Engine } from '#libs/history/engine.js';
import { describeFleetRun, readFleetEnd, readFleetInput, type FleetRun } from '#libs/history/fleet-runs.js';
import type { Links, ReconciliationLinks } from '../onboardings/links.js';
import { notFound } from '../problems/problem.js';
import { beingRead, readingOf, scansUnderWay, type Reading } from './scan-progress.js';

/** How long a run that is under way is asked for its report. Milliseconds. */
const ASK_MS = 2_000;
/** What the query ends with where nobody answers it, or not in time. */
const UNANSWERED: readonly (number | undefined)[] = [GRPC.deadlineExceeded, GRPC.failedPrecondition, GRPC.notFound];

/** A run over the fleet as the API shows it (`docs/http.md` §4). */
export interface ReconciliationAnswer extends Omit<FleetReport, 'connections'> {
  from: string | null;
  removeOrphans: boolean;
  /** Why it ended in another way than by itself, or why less is told than is known. */
  reason: string | null;
  connections: (FleetConnection & { reading: Reading | null })[];
  links: ReconciliationLinks;
}

/** Reads runs over the fleet. One that is under way is asked for its report; without a worker its scans tell how far they are. */
export class ReconciliationReader {
  constructor(
    private readonly engine: Engine,
    private readonly links: Links,
  ) {}

  /** @throws {Problem} `not-found`, also for a run of other tenants. */
  async read(caller: Caller, id: string): Promise<ReconciliationAnswer> {
    const { run, description } = await this.require(caller, id);
    const { report, reason } = run.state === 'running' ? await this.underWay(run, description) : await this.ended(run);
    const connections = await Promise.all(
      report.connections.map(async (each) => {
        const reading = each.status === 'reading' ? await readingOf(this.engine, each.connection, run.id) : null;
        return { ...each, reading };
      }),
    );
    return {
      ...ofTenant(report),
      ...{ id: run.id, status: run.status, closedAt: run.closedAt },
      from: run.memo?.from ?? null,
      removeOrphans: run.memo?.removeOrphans ?? false,
      reason,
      connections,
      links: this.links.reconciliation(run.id, run),
    };
  }

  /** A run that the caller may see. @throws {Problem} `not-found`, also for a run of other tenants. */
  async require(caller: Caller, asked: string): Promise<{ run: FleetRun; description: Description }> {
    const found = await this.find(asked);
    if (!found) throw notFound(`reconciliation ${asked}`);
    if (!maySee(caller, found.run)) throw notFound(`reconciliation ${asked}`, { reason: 'other-tenant' });
    return found;
  }

  /** A run by its id, whoever may see it; undefined when there is none. */
  find(asked: string): Promise<{ run: FleetRun; description: Description } | undefined> {
    return describeFleetRun(this.engine, reconciliationIdOf(asked));
  }

  private async ended(run: FleetRun): Promise<Told> {
    const end = await readFleetEnd(this.engine, run);
    if (end && 'report' in end) return { report: end.report, reason: null };
    return { report: await this.known(run), reason: end?.reason ?? null };
  }

  private async underWay(run: FleetRun, description: Description): Promise<Told> {
    const answered = await this.ask(run);
    if (answered) return { report: answered, reason: null };
    const report = await this.known(run);
    const reason = 'No worker answers for the run at the moment: this is what its scans have told of their readings.';
    return { report: { ...report, connections: scansUnderWay(description).map(beingRead) }, reason };
  }

  /** What can be told of a run that has no report. */
  private async known(run: FleetRun): Promise<FleetReport> {
    return emptyReport(run.id, await readFleetInput(this.engine, run), run.startedAt);
  }

  private async ask({ workflowId, runId }: FleetRun): Promise<FleetReport | undefined> {
    const { client, connection } = this.engine;
    const handle = client.workflow.getHandle(workflowId, runId);
    try {
      return await connection.withDeadline(Date.now() + ASK_MS, () => handle.query<FleetReport>(FLEET_REPORT_QUERY));
    } catch (error) {
      const refused = error instanceof QueryNotRegisteredError || error instanceof QueryRejectedError;
      if (refused || UNANSWERED.includes(grpcCode(error))) return undefined;
      throw error;
    }
  }
}

interface Told {
  report: FleetReport;
  reason: string | null;
}

/** Whether a caller may see a run: that of a tenant of its own; one over all tenants only if it covers all. */
export function maySee(caller: Caller, { memo }: Pick<FleetRun, 'memo'>): boolean {
  return mayUse(caller, memo?.tenant ?? '*');
}

/** The id of a run, however it is written: with the beginning of its workflow's id or without. */
export function reconciliationIdOf(text: string): string {
  return text.replace(/^reconciliation\//, '');
}

/** Statuses of runs that are over. */
export function isOver(status: FleetStatus): boolean {
  return status !== 'running';
}

/** A report of one tenant names nothing of any other, whatever it was made of. */
export function ofTenant(report: FleetReport): FleetReport {
  const { tenant } = report;
  if (tenant === null) return report;
  return {
    ...report,
    items: report.items.filter(({ id }) => parseAccountId(id)?.tenant === tenant),
    orphans: report.orphans.filter(({ marker }) => parseMarker(marker)?.account.tenant === tenant),
  };
}
