import { type Random, seededRandom } from '../random.js';
import type { CallTarget } from '../vendor.js';
import type { Effect, FaultRule } from './rules.js';

/** What a rule is matched against; `body` is missing as long as it has not been read. */
export interface FaultSubject extends CallTarget {
  vendor: string;
  method: string;
  path: string;
  body?: string;
}

export interface Hit {
  id: string;
  effect: Effect;
}

interface Armed {
  id: string;
  rule: FaultRule;
  pattern: RegExp | undefined;
  random: Random;
  seen: number;
  hits: number;
}

/** The rules in force, each with its own count. The first that fires decides; every one that fits counts the call. */
export class FaultEngine {
  #armed: Armed[] = [];

  /** Replaces all rules; counting begins anew. */
  set(rules: FaultRule[]): void {
    this.#armed = rules.map((rule, index) => ({
      id: rule.id ?? `rule-${index + 1}`,
      rule,
      pattern: rule.match.path === undefined ? undefined : new RegExp(rule.match.path),
      random: seededRandom(rule.seed),
      seen: 0,
      hits: 0,
    }));
  }

  /** The rules with how many calls fitted and how many were hit. */
  list(): (FaultRule & { id: string; seen: number; hits: number })[] {
    return this.#armed.map(({ id, rule, seen, hits }) => ({ ...rule, id, seen, hits }));
  }

  /** Rules that act before the body is read. */
  beforeBody(subject: FaultSubject): Hit | undefined {
    return this.#decide(subject, true);
  }

  /** All other rules. */
  afterBody(subject: FaultSubject & { body: string }): Hit | undefined {
    return this.#decide(subject, false);
  }

  #decide(subject: FaultSubject, beforeBody: boolean): Hit | undefined {
    let decided: Hit | undefined;
    for (const armed of this.#armed) {
      if ((armed.rule.effect.kind === 'refuse') !== beforeBody || !fits(armed, subject)) continue;
      armed.seen += 1;
      if (!fires(armed) || decided) continue;
      armed.hits += 1;
      decided = { id: armed.id, effect: armed.rule.effect };
    }
    return decided;
  }
}

function fits({ rule: { match }, pattern }: Armed, subject: FaultSubject): boolean {
  return (
    (match.vendor === undefined || match.vendor === subject.vendor) &&
    (match.resource === undefined || match.resource === subject.resource) &&
    (match.operation === undefined || match.operation === subject.operation) &&
    (match.method === undefined || match.method === subject.method) &&
    (pattern === undefined || pattern.test(subject.path)) &&
    (match.bodyContains === undefined || (subject.body ?? '').includes(match.bodyContains))
  );
}

function fires({ rule, random, seen, hits }: Armed): boolean {
  const drawn = rule.share === undefined || random() < rule.share;
  const counted = rule.nth === undefined || [rule.nth].flat().includes(seen);
  return drawn && counted && seen >= (rule.from ?? 1) && hits < (rule.times ?? Infinity);
}
