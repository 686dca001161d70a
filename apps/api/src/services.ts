import { setTimeout as delay } from 'node:timers/promises';
import { quotasInForce, type ApiSettings } from '#libs/config/api-settings.js';
import type { AccountRef } from '#libs/contracts/index.js';
import { Engine } from '#libs/history/engine.js';
import { createSealer } from '#libs/secrets/sealer.js';
import { EngineUnavailable, type TemporalClient } from '#libs/temporal/client.js';
import { vendorModule } from '#libs/vendors/registry.js';
import { installationName } from '#libs/temporal/installation.js';
import { createPayloadCodec } from '#libs/temporal/payload-codec.js';
import { ensureSearchAttributes } from '#libs/temporal/search-attributes.js';
import { AccountList } from './accounts/account-list.js';
import { AccountOperations } from './accounts/account-operations.js';
import { AccountReader } from './accounts/account-reader.js';
import { Amendments } from './accounts/amendments.js';
import { AccountLine } from './accounts/line.js';
import { Credentials } from './accounts/credentials.js';
import { Codec } from './codec/codec.js';
import { Streams } from './events/streams.js';
import { Metrics } from './health/metrics.js';
import { Polling } from './health/polling.js';
import { Stuck } from './health/stuck.js';
import { Readiness } from './health/readiness.js';
import { Cursors } from './lists/cursor.js';
import { Commander } from './onboardings/commander.js';
import { Handoffs } from './onboardings/handoffs.js';
import { JobList } from './onboardings/job-list.js';
import { Jobs } from './onboardings/jobs.js';
import { createLinks } from './onboardings/links.js';
import { Starter } from './onboardings/starter.js';
import { TenantQuotas } from './onboardings/tenant-quotas.js';
import { ApiDescription } from './openapi/docs.controller.js';
import { AccountPlans } from './plans/account-plans.js';
import { DeferredPlans } from './plans/deferred-plans.js';
import { Looks } from './plans/looks.js';
import { createPlanner } from './plans/planner.js';
import { Previews } from './plans/previews.js';
import { FleetStarter } from './reconciliations/fleet-starter.js';
import { LastCovered } from './reconciliations/last-covered.js';
import { ReconciliationList } from './reconciliations/reconciliation-list.js';
import { ReconciliationReader } from './reconciliations/reconciliation-reader.js';
import { FleetWatch } from './schedules/fleet-facts.js';
import { ScheduleStore } from './schedules/schedule-store.js';
import { Schedules } from './schedules/schedules.js';

/** Everything that the controllers use, wired by hand: what needs what can be read here. */
export interface Services {
  accountList: AccountList;
  accountOperations: AccountOperations;
  accountPlans: AccountPlans;
  accounts: AccountReader;
  codec: Codec;
  commander: Commander;
  credentials: Credentials;
  description: ApiDescription;
  fleetStarter: FleetStarter;
  handoffs: Handoffs;
  jobList: JobList;
  jobs: Jobs;
  metrics: Metrics;
  deferredPlans: DeferredPlans;
  previews: Previews;
  readiness: Readiness;
  reconciliationList: ReconciliationList;
  reconciliations: ReconciliationReader;
  schedules: Schedules;
  starter: Starter;
  streams: Streams;
  /**
   * Makes sure that starts and lists by our search attributes are taken, and learns the installation's name; done once.
   * @throws {ConfigError} for what an operator must set right; what Temporal throws while it is away.
   */
  prepare: () => Promise<string>;
}

export function createServices(settings: ApiSettings, temporal: TemporalClient): Services {
  const { keyRing, consoleUrl } = settings;
  const { namespace } = settings.temporal;
  const engine = new Engine(temporal, keyRing, namespace, settings.callTimeoutMs);
  const prepare = onceDone(async () => {
    await ensureSearchAttributes(engine.connection, namespace, { call: (run) => engine.call(run) });
    return engine.call(() => installationName(engine.connection, namespace, settings.installation));
  });
  const prepared = (): Promise<string> => withinMs(prepare(), engine.callTimeoutMs);
  const sealer = createSealer(keyRing);
  const links = createLinks({ ui: settings.temporalUiUrls[0], namespace, consoleUrl });
  const jobs = new Jobs(engine, links);
  const byHand = new Set(
    settings.connections.flatMap((each) => (vendorModule(each.vendor).byHand?.(each) === true ? [each.name] : [])),
  );
  const lastCovered = new LastCovered(engine, (connection) => !byHand.has(connection));
  const accounts = new AccountReader(engine, lastCovered);
  const adopted = (ref: AccountRef): Promise<ReadonlySet<string>> => accounts.adopted(ref);
  const planner = createPlanner({ settings, sealer, installation: prepared, adopted });
  const cursors = new Cursors((text) => sealer.hmac(text));
  const streams = new Streams(engine, jobs);
  const polling = new Polling(engine, settings);
  const line = new AccountLine(engine, accounts, links);
  const amendments = new Amendments(planner, sealer);
  const looks = new Looks(engine);
  const stuck = new Stuck(engine);
  const reconciliations = new ReconciliationReader(engine, links);
  const schedules = new Schedules(new ScheduleStore(engine), links, cursors);
  const fleetWatch = new FleetWatch(engine, schedules);
  const commander = new Commander({ engine, jobs, planner });
  return {
    accountList: new AccountList(engine, cursors),
    accountOperations: new AccountOperations({ line, links, amendments }),
    accountPlans: new AccountPlans(line, looks),
    accounts,
    codec: new Codec(createPayloadCodec(keyRing, namespace), namespace, settings.codecEncode),
    commander,
    credentials: new Credentials(accounts, sealer),
    description: new ApiDescription(),
    fleetStarter: new FleetStarter(engine, reconciliations, links),
    handoffs: new Handoffs({ jobs, commander, sealer }),
    jobList: new JobList(engine, links, cursors),
    jobs,
    metrics: new Metrics(
      () => streams.count,
      () => polling.counts(),
      () => stuck.count(),
      () => fleetWatch.facts(),
    ),
    deferredPlans: new DeferredPlans(engine),
    previews: new Previews({ accounts, amendments, line, looks, planner }),
    readiness: new Readiness(engine, prepared),
    reconciliationList: new ReconciliationList(engine, links, cursors),
    reconciliations,
    schedules,
    starter: new Starter({
      accounts,
      engine,
      planner,
      links,
      quotas: TenantQuotas.over(engine, quotasInForce(settings)),
    }),
    streams,
    prepare,
  };
}

/** The result where it comes as soon as one call may take: a request does not wait longer for what goes on without it. */
async function withinMs<T>(pending: Promise<T>, ms: number): Promise<T> {
  const over = new AbortController();
  const late = delay(ms, undefined, { signal: over.signal }).then(
    () =>
      Promise.reject(
        new EngineUnavailable('Temporal is not yet ready for jobs: its search attributes are being added'),
      ),
    () => pending,
  );
  try {
    return await Promise.race([pending, late]);
  } finally {
    over.abort();
  }
}

/** Runs until it has succeeded once; a failure is told to whoever asked and tried again by the next. */
function onceDone<T>(run: () => Promise<T>): () => Promise<T> {
  let known: Promise<T> | undefined;
  return () => {
    known ??= run().catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };
}
