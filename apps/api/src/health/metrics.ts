import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { FleetFacts } from '../schedules/fleet-facts.js';

/** Counts of the API in Prometheus' text form. One registry per API, so that several can live in one process. */
export class Metrics {
  private readonly registry = new Registry();
  private readonly requests: Histogram<'method' | 'route' | 'status'>;
  private readonly problems: Counter<'status'>;
  private readonly reloads: Counter<'file' | 'result'>;
  private readonly refusals: Counter<'status' | 'reason'>;
  private readonly auditFailures: Counter;

  /**
   * `polling` answers how many workers poll each task queue, `stuck` how many workflows cannot go on, `fleet` how schedules and accounts
   * stand; asked when the counts are read.
   */
  constructor(
    openStreams: () => number,
    polling: () => Promise<ReadonlyMap<string, number>>,
    stuck: () => Promise<number | undefined>,
    fleet?: () => Promise<FleetFacts | null>,
  ) {
    collectDefaultMetrics({ register: this.registry });
    const registers = [this.registry];
    this.requests = new Histogram({
      name: 'gangway_http_request_duration_seconds',
      help: 'Duration of requests by method, route and status; streams are not counted',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15],
      registers,
    });
    this.problems = new Counter({
      name: 'gangway_http_problems_total',
      help: 'Requests that were refused or failed, by status',
      labelNames: ['status'],
      registers,
    });
    this.reloads = new Counter({
      name: 'gangway_settings_reloads_total',
      help: 'Settings files that have changed, by the variable that names them and result: read, or faulty and not in force',
      labelNames: ['file', 'result'],
      registers,
    });
    this.refusals = new Counter({
      name: 'gangway_http_refusals_total',
      help: 'Callers that were kept out: 401 and 403, and 404 for what is of another tenant, by status and reason',
      labelNames: ['status', 'reason'],
      registers,
    });
    this.auditFailures = new Counter({
      name: 'gangway_audit_failures_total',
      help: 'Lines that the audit file did not take; answers that they would have told of were not given',
      registers,
    });
    new Gauge({
      name: 'gangway_event_streams',
      help: 'Event streams that are open',
      registers,
      collect() {
        this.set(openStreams());
      },
    });
    new Gauge({
      name: 'gangway_workers_polling',
      help: 'Worker processes that ask for work of a task queue, as Temporal sees them; none while Temporal is away',
      labelNames: ['queue'],
      registers,
      async collect() {
        const counts = await polling();
        this.reset();
        for (const [queue, count] of counts) this.set({ queue }, count);
      },
    });
    new Gauge({
      name: 'gangway_workflows_stuck',
      help: 'Open workflows of all kinds whose own tasks fail again and again; none while Temporal cannot count them',
      labelNames: [],
      registers,
      async collect() {
        const count = await stuck();
        if (count === undefined) this.remove();
        else this.set(count);
      },
    });
    if (fleet) this.addFleet(fleet);
  }

  /** Schedules and accounts. Nothing is told while Temporal is away: no schedule looks well, or overdue, for that. */
  private addFleet(fleet: () => Promise<FleetFacts | null>): void {
    const registers = [this.registry];
    const ofSchedule = (name: string, help: string): Gauge => {
      return new Gauge({ name, help, labelNames: ['schedule'], registers });
    };
    const good = ofSchedule(
      'gangway_schedule_last_good_timestamp_seconds',
      'When the last run that completed began; 0: none is known',
    );
    const overdue = ofSchedule(
      'gangway_schedule_overdue',
      '1: two or more times have passed without a run that completed',
    );
    const skipped = ofSchedule('gangway_schedule_skipped', 'Times at which the run before was still under way');
    const missed = ofSchedule('gangway_schedule_missed', 'Times that were missed while Temporal was away');
    new Gauge({
      name: 'gangway_accounts_drifted',
      help: 'Accounts with a recorded drift of a kind',
      labelNames: ['kind'],
      registers,
      async collect() {
        const facts = await fleet();
        for (const each of [this, good, overdue, skipped, missed]) each.reset();
        for (const [kind, count] of facts?.drifted ?? []) this.set({ kind }, count);
        for (const standing of facts?.schedules ?? []) {
          const { name: schedule } = standing;
          good.set({ schedule }, standing.lastGoodMs / 1_000);
          overdue.set({ schedule }, standing.overdue ? 1 : 0);
          skipped.set({ schedule }, standing.skippedOverlap);
          missed.set({ schedule }, standing.missedCatchup);
        }
      },
    });
  }

  /** Counts one answered request. */
  request(method: string, route: string, status: number, seconds: number): void {
    this.requests.observe({ method, route, status: String(status) }, seconds);
    if (status >= 400) this.problems.inc({ status: String(status) });
  }

  /** Counts one settings file that was read again, or is faulty. */
  reload(file: string, result: 'read' | 'faulty'): void {
    this.reloads.inc({ file, result });
  }

  /** Counts a caller that was kept out. */
  refusal(status: number, reason: string): void {
    this.refusals.inc({ status: String(status), reason });
  }

  auditFailed(): void {
    this.auditFailures.inc();
  }

  async read(): Promise<{ contentType: string; text: string }> {
    return { contentType: this.registry.contentType, text: await this.registry.metrics() };
  }
}
