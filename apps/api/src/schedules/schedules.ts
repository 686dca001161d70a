import { SCHEDULE_NAME_PATTERN, type ReconcileFleetInput } from '#libs/contracts/index.js';
import type { Finding } from '#libs/fields/findings.js';
import { SCHEDULE_NAME_RULE, scheduleSchema, type ScheduleBody } from '#libs/schemas/reconciliation.schema.js';
import { mayUse, type Caller } from '../auth/caller.js';
import type { Cursors, Page } from '../lists/cursor.js';
import type { Links } from '../onboardings/links.js';
import { invalid, notFound, Problem } from '../problems/problem.js';
import { requestFindings } from '../problems/request-validation.js';
import { requireFit, tenantFindings } from '../reconciliations/scope-rights.js';
import {
  isOverdue,
  lastGood,
  scheduleAnswer,
  scheduleItem,
  type KeptSchedule,
  type ScheduleAnswer,
  type ScheduleItem,
} from './schedule-answer.js';
import { writtenRule } from './schedule-rule.js';
import { ScheduleRefused, type ScheduleStore, type ScheduleWish } from './schedule-store.js';

/** How often setting is tried while others make and remove schedules of that name. */
const TRIES = 3;

const NAMES_AT_ONCE = 200;

/** How a schedule stands, as metrics tell it. */
export interface ScheduleStanding extends Pick<KeptSchedule, 'name' | 'skippedOverlap' | 'missedCatchup'> {
  /** Milliseconds since 1970, when the last run that completed began; 0: none is known. */
  lastGoodMs: number;
  overdue: boolean;
}

/** Schedules of runs over the fleet. Their names are global; a caller sees those of its tenants. */
export class Schedules {
  constructor(
    private readonly store: ScheduleStore,
    private readonly links: Pick<Links, 'publicUrl'>,
    private readonly cursors: Cursors,
  ) {}

  /**
   * Makes a schedule or sets all of it anew.
   * @throws {Problem} `invalid-request` with all findings; `tenant-not-allowed`; `name-taken`
   */
  async set(caller: Caller, name: string, body: unknown): Promise<{ answer: ScheduleAnswer; created: boolean }> {
    requireFit(caller, body, [
      ...nameFindings(name),
      ...requestFindings(scheduleSchema, body),
      ...tenantFindings(caller, body),
    ]);
    const created = await this.apply(caller, wishOf(caller, name, scheduleSchema.parse(body), this.links.publicUrl));
    return { answer: await this.read(caller, name), created };
  }

  /** @throws {Problem} `not-found`, also for one of other tenants */
  async read(caller: Caller, name: string): Promise<ScheduleAnswer> {
    const kept = await this.require(caller, name);
    const now = Date.now();
    const lastRuns = await this.store.lastRuns(kept);
    return scheduleAnswer(kept, { lastRuns, due: await this.due(kept, lastGood(lastRuns)?.startedAt, now), now });
  }

  /** @throws {Problem} `not-found`, also for one of other tenants */
  async remove(caller: Caller, name: string): Promise<void> {
    await this.require(caller, name);
    if (!(await this.store.remove(name))) throw notFound(`schedule ${name}`);
  }

  /** The schedules that a caller may see, by what Temporal lists. @throws {Problem} for a cursor of another list */
  async list(
    caller: Caller,
    { limit, cursor }: { limit: number; cursor?: string | undefined },
  ): Promise<Page<ScheduleItem>> {
    const cursors = this.cursors.of('reconciliation-schedules', {}, caller);
    const { names, nextPageToken } = await this.store.names(limit, cursors.read(cursor));
    const kept = await Promise.all(names.map((name) => this.store.find(name)));
    const items = kept.flatMap((each) =>
      each && mayUse(caller, each.input.tenant ?? '*') ? [scheduleItem(each)] : [],
    );
    return { items, nextCursor: cursors.write(nextPageToken) };
  }

  /** How every schedule stands, whoever may see it: for metrics. */
  async standings(now: number): Promise<ScheduleStanding[]> {
    const standings: ScheduleStanding[] = [];
    let token: Uint8Array | null = null;
    do {
      const page: Awaited<ReturnType<ScheduleStore['names']>> = await this.store.names(NAMES_AT_ONCE, token);
      for (const name of page.names) {
        const kept = await this.store.find(name);
        if (!kept) continue;
        const good = lastGood(await this.store.lastRuns(kept))?.startedAt;
        const { skippedOverlap, missedCatchup } = kept;
        const overdue = isOverdue(kept, await this.due(kept, good, now));
        const lastGoodMs = good === undefined ? 0 : Date.parse(good);
        standings.push({ name, lastGoodMs, overdue, skippedOverlap, missedCatchup });
      }
      token = page.nextPageToken;
    } while (token);
    return standings;
  }

  /** Times that have passed since the last good run began, or since the schedule was set, whichever is later. */
  private due(kept: KeptSchedule, good: string | undefined, now: number): Promise<number> {
    const since = good !== undefined && good > kept.changedAt ? good : kept.changedAt;
    return this.store.dueSince(kept, since, now);
  }

  /** Returns true when it was made anew. */
  private async apply(caller: Caller, wish: ScheduleWish): Promise<boolean> {
    for (let tries = 0; tries < TRIES; tries += 1) {
      const there = await this.store.find(wish.name);
      if (there && !mayUse(caller, there.input.tenant ?? '*')) throw nameTaken(wish.name);
      try {
        if (there ? await this.store.replace(wish) : await this.store.create(wish)) return !there;
      } catch (error) {
        if (error instanceof ScheduleRefused) throw refused(wish, error);
        throw error;
      }
    }
    throw nameTaken(wish.name);
  }

  private async require(caller: Caller, name: string): Promise<KeptSchedule> {
    const kept = SCHEDULE_NAME_PATTERN.test(name) ? await this.store.find(name) : undefined;
    if (!kept) throw notFound(`schedule ${name}`);
    if (mayUse(caller, kept.input.tenant ?? '*')) return kept;
    throw notFound(`schedule ${name}`, { reason: 'other-tenant' });
  }
}

function wishOf(caller: Caller, name: string, body: ScheduleBody, publicUrl: string): ScheduleWish {
  const { mode, tenant = null, chain = null, paused = false, removeOrphans = false, maxRepairs, maxRemovals } = body;
  const input: ReconcileFleetInput = {
    schedule: name,
    by: caller.id,
    ...{ mode, tenant, chain, tenants: tenant === null ? null : [tenant] },
    from: null,
    removeOrphans,
    ...(maxRepairs === undefined ? {} : { maxRepairs }),
    ...(maxRemovals === undefined ? {} : { maxRemovals }),
    publicUrl,
  };
  return { name, rule: writtenRule(body), input, paused };
}

function nameFindings(name: string): Finding[] {
  return SCHEDULE_NAME_PATTERN.test(name) ? [] : [{ pointer: '/name', message: SCHEDULE_NAME_RULE }];
}

/** Names of zones are what a server may know fewer of than this process does. */
function refused({ rule }: ScheduleWish, { message }: ScheduleRefused): Problem {
  const field = /time ?zone|location/i.test(message) ? 'timezone' : rule.cron === null ? 'every' : 'cron';
  return invalid('invalid-request', [{ pointer: `/${field}`, message: `is not taken by Temporal: ${message}` }]);
}

function nameTaken(name: string): Problem {
  return new Problem('name-taken', `The name ${name} is taken: choose another one.`);
}
