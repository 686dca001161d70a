import { accountId, mayBecomeHandoff, type Plan } from '#libs/contracts/index.js';
import type { Finding } from '#libs/schemas/findings.js';
import { Problem } from '../problems/problem.js';
import type { CurrentAccount } from './account-reader.js';
import type { Target } from './line.js';

/** @throws {Problem} `spec-changed` unless the header names the spec of the last in line. */
export function requireMatch(header: string | undefined, { plan }: Target): void {
  if (header === undefined || header.trim() === '*') return;
  const tags = header.split(',').map((tag) =>
    tag
      .trim()
      .replace(/^W\//, '')
      .replace(/^"(.*)"$/, '$1'),
  );
  if (plan && tags.includes(plan.specHash)) return;
  throw new Problem('spec-changed', 'The spec has changed since it was read: read the account again.', {
    members: { specHash: plan?.specHash ?? null },
  });
}

/** @throws {Problem} `protected` when the plan would remove something of an account that is protected. */
export function requireUnprotected({ plan }: Target, wanted: Plan): void {
  if (plan?.spec['protect'] !== true) return;
  const keys = new Set(wanted.nodes.map(({ key }) => key));
  const gone = plan.nodes.flatMap(({ key }) => (keys.has(key) ? [] : [key]));
  if (gone.length > 0) throw protectedBy(plan, gone);
}

/** @throws {Problem} `protected` when the account may not be taken off. */
export function requireRemovable({ plan }: Target): void {
  if (plan?.spec['protect'] !== true) return;
  const keys = plan.nodes.map(({ key }) => key);
  throw protectedBy(plan, keys);
}

/** @throws {Problem} `interrupted` where there is no record that could be compared. */
export function requireUninterrupted({ state }: CurrentAccount): void {
  if (state.state !== 'interrupted') return;
  const detail = 'The account is interrupted: bring it to a spec by PUT, or take it off by DELETE.';
  throw new Problem('interrupted', detail);
}

/** Findings for what must stay as it is: tenant, account, chain, and the connections. */
export function stayFindings(from: Plan | null, to: Plan, id: string, chain: Plan['chain']): Finding[] {
  const findings: Finding[] = [];
  const [tenant, account] = id.split('.');
  if (to.tenant !== tenant) findings.push({ pointer: '/tenant', message: `must stay ${tenant ?? ''}` });
  if (to.account !== account) findings.push({ pointer: '/account', message: `must stay ${account ?? ''}` });
  if (to.chain !== chain) findings.push({ pointer: '/chain', message: `must stay ${chain}` });
  const before = new Map(from?.nodes.map((node) => [node.vendor, node]));
  const named = new Set<string>();
  for (const node of to.nodes) {
    const former = before.get(node.vendor);
    if (!former || former.connection === node.connection || named.has(node.vendor)) continue;
    const samePlace = former.place !== undefined && former.place === node.place;
    if (samePlace || mayBecomeHandoff(former, node)) continue;
    named.add(node.vendor);
    findings.push({ pointer: `/connections/${node.vendor}`, message: `must stay ${former.connection}` });
  }
  return findings;
}

function protectedBy(plan: Plan, keys: string[]): Problem {
  const detail = `${accountId(plan)} is protected: amend it with "protect": false first.`;
  return new Problem('protected', detail, { members: { keys } });
}
