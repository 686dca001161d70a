import { CancelledFailure, WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  CancellationScope,
  defineQuery,
  defineSignal,
  isCancellation,
  setHandler,
  sleep,
  startChild,
  upsertMemo,
  workflowInfo,
} from '@temporalio/workflow';
import {
  emptyReport,
  FLEET_CANCEL_SIGNAL,
  FLEET_REPORT_QUERY,
  orphanName,
  parseMarker,
  reconciliationFromWorkflowId,
  REPORT_LIMIT,
  scanWorkflowId,
  SCAN_WORKFLOW,
  type BeginResult,
  type FleetCancel,
  type FleetConnection,
  type FleetOrphan,
  type FleetReport,
  type FleetStop,
  type ReconcileFleetInput,
  type ScanInput,
  type ScanResult,
  type SweepOrder,
} from '#libs/contracts/index.js';
import { begin, note, repair, sweep } from './fleet/activities.js';
import { countsOf } from './fleet/counts.js';
import { isRepairable, itemsOf, mergeFound, movedOn, noteOf, unshownOf, type FoundAccount } from './fleet/findings.js';
import { byAccount, chunked } from './fleet/groups.js';
import { describeFleet } from './fleet/surface.js';
import { readStepFailure } from './interpreter/step-failure.js';
import { growingPause } from './pauses.js';

const reportQuery = defineQuery<FleetReport>(FLEET_REPORT_QUERY);
const cancelSignal = defineSignal<[FleetCancel]>(FLEET_CANCEL_SIGNAL);

/** First pause before a connection that another run scans is asked for again. */
const BUSY_PAUSE_MS = 5_000;

type ScanConnection = (input: ScanInput) => Promise<ScanResult>;

/**
 * Compares the accounts of a fleet with the vendors: scans the connections side by side, judges, and only then notes what differs and
 * repairs. A rule that stops it on one connection stops all: then nothing is written, at a vendor or on an account.
 * @returns the report, also of a run that was stopped or cancelled, or of which a connection could not be read
 */
export async function reconcileFleet(input: ReconcileFleetInput): Promise<FleetReport> {
  return new FleetRun(input).run();
}

class FleetRun {
  private readonly report: FleetReport;
  private readonly scope = new CancellationScope();
  private cancel: FleetCancel | undefined;
  private readonly scans: { connection: string; result: ScanResult }[] = [];
  private begun: BeginResult | undefined;
  private found: FoundAccount[] = [];
  private orphans: FleetOrphan[] = [];

  constructor(private readonly input: ReconcileFleetInput) {
    const { workflowId, startTime } = workflowInfo();
    this.report = emptyReport(reconciliationFromWorkflowId(workflowId) ?? workflowId, input, startTime.toISOString());
    setHandler(reportQuery, () => this.current());
    setHandler(cancelSignal, (cancel) => {
      this.cancel ??= cancel;
      this.scope.cancel();
    });
    void CancellationScope.current().cancelRequested.catch(() => this.scope.cancel());
  }

  async run(): Promise<FleetReport> {
    return CancellationScope.nonCancellable(async () => {
      try {
        await this.scope.run(() => this.work());
      } catch (error) {
        if (!isCancellation(error)) throw error;
        const who = this.cancel ? `${this.cancel.by}: ${this.cancel.reason}` : 'cancelled in Temporal';
        this.stop({ rule: 'cancelled', connection: '', detail: `The run was cancelled by ${who}` });
      }
      return this.end();
    });
  }

  private async work(): Promise<void> {
    const { input, report } = this;
    const { tenant, chain, tenants, mode, from, removeOrphans } = input;
    const { startedAt } = report;
    this.begun = await begin({ tenant, chain, tenants, mode, startedAt, from, removeOrphans });
    report.connections = this.begun.connections.map(({ vendor, name, byHand }) => ({
      ...{
        connection: `${vendor}/${name}`,
        status: byHand ? 'by-hand' : 'reading',
        accounts: 0,
        objects: 0,
        vendorCalls: 0,
      },
      reason: byHand ? 'A person works there, so nothing can be read.' : null,
    }));
    describeFleet(report);
    await Promise.all(
      this.begun.connections.map(async (each, i) => {
        if (!each.byHand) await this.scan(this.scanOf(each), i);
      }),
    );
    this.found = mergeFound(this.scans);
    this.orphans = this.scans.flatMap(({ result }) => result.orphans);
    const stopped = this.scans.find(({ result }) => result.stopped);
    if (stopped?.result.stopped) {
      this.stop({ ...stopped.result.stopped, connection: stopped.connection });
      return;
    }
    if (mode === 'repair') await this.repair(this.begun);
    await this.note();
    if (mode === 'repair' && removeOrphans) await this.sweep(this.begun);
  }

  private scanOf(connection: BeginResult['connections'][number]): ScanInput {
    const { input, report, begun } = this;
    const { vendor, name } = connection;
    const { stopShare = 0, stopCount = 1 } = begun?.limits ?? {};
    return {
      ...{ run: report.id, startedAt: report.startedAt, connection: { vendor, name }, only: begun?.only ?? null },
      ...{ tenant: input.tenant, chain: input.chain, tenants: input.tenants },
      stop: {
        share: input.stopShare ?? stopShare,
        count: input.stopCount ?? stopCount,
        orphanShare: stopShare,
        orphanCount: stopCount,
      },
    };
  }

  /** One connection; that it cannot be read is no fault of the others. */
  private async scan(scan: ScanInput, at: number): Promise<void> {
    const { connection } = scan;
    const name = `${connection.vendor}/${connection.name}`;
    const put = (row: Partial<FleetConnection>): void => {
      const before = this.report.connections[at];
      if (before) this.report.connections[at] = { ...before, ...row };
      describeFleet(this.report);
    };
    try {
      const result = await this.scanned(scan);
      const { status, reason, accounts, objects, vendorCalls } = result;
      put({ status, reason, accounts, objects, vendorCalls });
      this.scans.push({ connection: name, result });
    } catch (error) {
      if (isCancellation(error)) {
        put({ status: 'stopped', reason: 'The run was cancelled.' });
        throw error;
      }
      const { message } = readStepFailure(error);
      put({ status: 'unreadable', reason: `It could not be read: ${message}` });
    }
  }

  /** One scan of a connection at a time over all runs: the next waits. */
  private async scanned(input: ScanInput): Promise<ScanResult> {
    const { vendor, name } = input.connection;
    for (let tries = 1; ; tries++) {
      try {
        const child = await startChild<ScanConnection>(SCAN_WORKFLOW, {
          workflowId: scanWorkflowId(input.connection),
          args: [input],
          parentClosePolicy: 'REQUEST_CANCEL',
          cancellationType: 'WAIT_CANCELLATION_COMPLETED',
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          staticSummary: `Scan ${vendor}/${name}`.slice(0, 40),
          memo: { run: input.run },
        });
        return await child.result();
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        await sleep(growingPause(BUSY_PAUSE_MS, tries), { summary: 'another run scans the connection' });
      }
    }
  }

  /** Repairs as many accounts as it may, each within what a person allows. */
  private async repair({ limits }: BeginResult): Promise<void> {
    const { input, report, found } = this;
    const most = input.maxRepairs ?? limits.maxRepairs;
    for (const each of found) if (each.capped && isRepairable(each)) each.outcome = 'capped';
    const wanted = found.filter((each) => !each.capped && isRepairable(each));
    for (const each of wanted.slice(most)) {
      each.outcome = 'deferred';
      each.reason = `The run repairs at most ${String(most)} accounts.`;
    }
    const now = wanted.slice(0, most);
    for (const [nth, chunk] of chunked(now).entries()) {
      const accounts = chunk.map(({ id, runId }) => ({ account: id, runId }));
      const by = input.by;
      const { publicUrl } = input;
      const outcomes = await repair(
        { run: report.id, by, accounts, ...(publicUrl === undefined ? {} : { publicUrl }) },
        nth,
      );
      for (const { account, outcome, reason } of outcomes) {
        const of = chunk.find(({ id }) => id === account);
        if (of) Object.assign(of, { outcome, reason });
      }
      this.goOn();
    }
  }

  /** An activity that the cancel has met tells what it had done by then; nothing follows it. */
  private goOn(): void {
    if (this.scope.consideredCancelled) throw new CancelledFailure('the run was cancelled');
  }

  /** Tells the accounts that differ or no longer do; one that was repaired knows it by itself. */
  private async note(): Promise<void> {
    const { report, input } = this;
    const at = new Date().toISOString();
    const untold = this.found.filter(({ outcome }) => outcome !== 'repaired' && outcome !== 'failed');
    for (const [nth, chunk] of chunked(untold).entries()) {
      await note({ run: report.id, mode: input.mode, at, notes: chunk.map(noteOf) }, nth);
    }
  }

  private async sweep({ limits, listedBefore }: BeginResult): Promise<void> {
    const { input, report } = this;
    const most = input.maxRemovals ?? limits.maxRemovals;
    const wait = 'No run that ended long enough ago has listed it yet.';
    const before = listedBefore && new Set(listedBefore);
    for (const orphan of this.orphans) {
      if (before && !before.has(orphanName(orphan))) orphan.reason = wait;
    }
    const due = this.orphans.filter(({ reason }) => reason === null);
    for (const orphan of due.slice(most)) orphan.reason = `The run removes at most ${String(most)} orphans.`;
    for (const { connection, account, orphans } of byAccount(this.scans, due.slice(0, most))) {
      const targets: SweepOrder['targets'] = orphans.flatMap(({ resource, externalId, marker }) => {
        const key = parseMarker(marker)?.node;
        return key === undefined ? [] : [{ resource, key, externalId }];
      });
      const outcomes = await sweep({ run: report.id, by: input.by, account, connection, targets });
      for (const { resource, externalId, removed, reason } of outcomes) {
        const orphan = orphans.find((each) => each.resource === resource && each.externalId === externalId);
        if (orphan) Object.assign(orphan, { removed, reason });
      }
      this.goOn();
    }
  }

  /** What was found and not noted is left for another run. */
  private stop(stop: FleetStop): void {
    this.report.stopped = stop;
    for (const each of this.found) {
      if (each.outcome === 'repaired' || each.outcome === 'failed' || each.reason !== null) continue;
      each.outcome = 'deferred';
      each.reason = 'The run was stopped.';
    }
    for (const row of this.report.connections) {
      if (row.status === 'reading') Object.assign(row, { status: 'stopped', reason: 'The run was stopped.' });
    }
  }

  /** The report as far as it is known. */
  private current(): FleetReport {
    const { report, scans, begun, found, orphans } = this;
    const items = itemsOf(found);
    const ids = (of: (result: ScanResult) => string[]): string[] => scans.flatMap(({ result }) => of(result));
    const unread = report.connections
      .filter(({ status }) => status === 'unreadable')
      .map(({ connection }) => connection);
    const counted = begun && {
      ...{ begun, found },
      busy: new Set([...begun.busy, ...ids(({ busy }) => busy), ...movedOn(scans)]),
      interrupted: new Set([...begun.interrupted, ...ids(({ interrupted }) => interrupted)]),
      unreadable: new Set([...begun.unreadable, ...ids(({ unreadable }) => unreadable)]),
      unread: new Set(unread),
      orphans: scans.reduce((sum, { result }) => sum + result.orphanCount, 0),
      unshown: unshownOf(scans),
    };
    const isCut =
      scans.some(({ result }) => result.truncated) || items.length > REPORT_LIMIT || orphans.length > REPORT_LIMIT;
    return {
      ...report,
      counts: counted ? countsOf(counted) : report.counts,
      items: items.slice(0, REPORT_LIMIT),
      orphans: orphans.slice(0, REPORT_LIMIT),
      truncated: isCut,
      vendorCalls: report.connections.reduce((sum, { vendorCalls }) => sum + vendorCalls, 0),
    };
  }

  private end(): FleetReport {
    const { report } = this;
    const unread = report.connections.some(({ status }) => status === 'unreadable');
    report.status = report.stopped ? 'stopped' : unread ? 'failed' : 'completed';
    report.closedAt = new Date().toISOString();
    const ended = this.current();
    const { status, counts, stopped } = ended;
    upsertMemo({ status, counts, stopped });
    describeFleet(ended);
    return ended;
  }
}
