import type { Quota, Quotas } from '#libs/config/api-keys.js';
import type { Engine } from '#libs/history/engine.js';
import { countRows, ListsBusy, quoted } from '#libs/history/rows.js';
import { Problem } from '../problems/problem.js';
import { jobQuery } from './job-query.js';

/** So long a count is kept; what this process starts meanwhile is added to it. */
const KEPT_MS = 1_000;
/** While Temporal takes no more lists, the last count holds for so long, with what this process has started since. */
const HELD_MS = 60_000;
/** Above so many counts, those that are too old are forgotten. */
const COUNTS_KEPT = 1_000;
/** Seconds after which another job may have ended. */
const RETRY_AFTER = '10';

type Kind = keyof Quota;

interface Count {
  at: number;
  /** When Temporal counted. */
  from: number;
  counted: Promise<number>;
  /** What this process has started since. */
  taken: number;
}

const QUERIES: Record<Kind, (tenant: string) => string> = {
  openJobs: (tenant) => `(${jobQuery({ tenants: null, tenant })}) AND ExecutionStatus = 'Running'`,
  accounts: (tenant) => `WorkflowType = 'account' AND ExecutionStatus = 'Running' AND Tenant = ${quoted(tenant)}`,
};

/** Counts what a query finds. */
type Counting = (query: string) => Promise<number>;

/** Judges starts by what a tenant may have at the same time. Counts are kept for a second: a quota may be exceeded by as much as others start within it. */
export class TenantQuotas {
  private readonly counts = new Map<string, Count>();

  constructor(
    private readonly counting: Counting,
    private readonly quotas: () => Quotas,
    private readonly now: () => number = Date.now,
  ) {}

  static over(engine: Engine, quotas: () => Quotas): TenantQuotas {
    return new TenantQuotas((query) => countRows(engine, query), quotas);
  }

  /** Takes room for one more account and its job. Returns how to give it back, if they are not started. @throws {Problem} `quota-exceeded` @throws {ListsBusy} */
  async take(tenant: string): Promise<() => void> {
    const quota = this.quotaOf(tenant);
    const limits = (['openJobs', 'accounts'] as const).flatMap((kind) => {
      const limit = quota[kind];
      return limit === undefined ? [] : [{ kind, limit, count: this.countOf(tenant, kind) }];
    });
    const counted = await Promise.all(limits.map(({ count }) => count.counted));
    limits.forEach(({ kind, limit, count }, index) => {
      if ((counted[index] ?? 0) + count.taken >= limit) throw exceeded(tenant, kind, limit);
    });
    for (const { count } of limits) count.taken += 1;
    return () => {
      for (const { count } of limits) count.taken -= 1;
    };
  }

  private quotaOf(tenant: string): Quota {
    const quotas = this.quotas();
    return (Object.hasOwn(quotas, tenant) ? quotas[tenant] : quotas['*']) ?? {};
  }

  private countOf(tenant: string, kind: Kind): Count {
    const now = this.now();
    const key = `${kind} ${tenant}`;
    const known = this.counts.get(key);
    if (known && now - known.at < KEPT_MS) return known;
    const count: Count = { at: now, from: now, counted: this.counting(QUERIES[kind](tenant)), taken: 0 };
    if (known && now - known.from < HELD_MS) {
      count.counted = count.counted.catch(async (error: unknown) => {
        if (!(error instanceof ListsBusy)) throw error;
        count.from = known.from;
        return (await known.counted) + known.taken;
      });
    }
    this.counts.set(key, count);
    count.counted.catch(() => this.counts.delete(key)); // whoever waits is told; the next one asks again
    if (this.counts.size > COUNTS_KEPT) this.forgetOld(now);
    return count;
  }

  private forgetOld(now: number): void {
    for (const [key, { at }] of this.counts) if (now - at >= KEPT_MS) this.counts.delete(key);
  }
}

function exceeded(tenant: string, kind: Kind, limit: number): Problem {
  const members = { quota: kind, limit };
  if (kind === 'accounts') {
    const detail = `The tenant ${tenant} has as many accounts as it may have, ${limit}: take one off board first.`;
    return new Problem('quota-exceeded', detail, { members });
  }
  const detail = `The tenant ${tenant} has as many open jobs as it may have, ${limit}: wait until one has ended.`;
  return new Problem('quota-exceeded', detail, { members, headers: { 'retry-after': RETRY_AFTER } });
}
