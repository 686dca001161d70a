import { computeProgress } from '#libs/progress/index.js';
import { parseAccountId, type AccountRef, type Progress } from '#libs/contracts/index.js';
import type { Engine } from '#libs/history/engine.js';
import { loadJob, type LoadedJob } from '#libs/history/load-job.js';
import { locateCurrent, locateJob, type LocatedJob } from '#libs/history/locate.js';
import { refreshNotices } from '#libs/history/notices.js';
import { mayUse, type Caller } from '../auth/caller.js';
import { notFound } from '../problems/problem.js';
import type { Links } from './links.js';

/** Reads jobs. Needs no worker. */
export class Jobs {
  constructor(
    private readonly engine: Engine,
    private readonly links: Links,
  ) {}

  /** @throws {Problem} `not-found`, also for another tenant's. */
  async progress(caller: Caller, id: string, runId?: string): Promise<Progress> {
    const loaded = await this.load(caller, id, runId);
    await refreshNotices(this.engine, loaded.job);
    return this.progressOf(loaded);
  }

  /** @throws {Problem} `not-found`, also for another tenant's. */
  async load(caller: Caller, id: string, runId?: string): Promise<LoadedJob> {
    const located = await this.locate(caller, id, runId);
    const loaded = await loadJob(this.engine, located);
    if (!loaded) throw notFound(`job ${located.runId} of ${id}`);
    return loaded;
  }

  /** @throws {Problem} `not-found`, also for another tenant's. */
  async locate(caller: Caller, id: string, runId?: string): Promise<LocatedJob> {
    const ref = requireAccount(caller, id);
    const located = await locateJob(this.engine, ref, runId);
    if (!located || isSweep(located))
      throw notFound(runId === undefined ? `onboarding of ${id}` : `job ${runId} of ${id}`);
    return located;
  }

  /**
   * The job that a command means: the one that it names, else the operation that runs.
   * @throws {Problem} `not-found`, also for another tenant's.
   */
  async loadTarget(caller: Caller, id: string, runId?: string): Promise<LoadedJob> {
    if (runId !== undefined) return this.load(caller, id, runId);
    const ref = requireAccount(caller, id);
    const located = await locateCurrent(this.engine, ref);
    const loaded = located && !isSweep(located) && (await loadJob(this.engine, located));
    if (!loaded) throw notFound(`An onboarding of ${id}`);
    return loaded;
  }

  progressOf({ located, job, live }: LoadedJob): Progress {
    const run = located.operation ?? located.account;
    return computeProgress(job, live, this.links.job(located.ref, located.runId, run));
  }
}

/** What holds the lock while orphans are removed belongs to a run over the fleet, whose report tells of it: no account has it. */
function isSweep({ kind }: LocatedJob): boolean {
  return kind === 'sweep';
}

/** The account that an id names, if the caller may see it. @throws {Problem} `not-found`. */
export function requireAccount(caller: Caller, id: string): AccountRef {
  const ref = parseAccountId(id);
  if (ref && mayUse(caller, ref.tenant)) return ref;
  if (ref) throw notFound(`account ${id}`, { reason: 'other-tenant' });
  const lower = id.toLowerCase();
  throw notFound(`account ${id}${parseAccountId(lower) ? `; ids are lower-case: ${lower}` : ''}`);
}
