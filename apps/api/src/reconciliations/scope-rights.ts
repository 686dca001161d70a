import type { Finding } from '#libs/fields/findings.js';
import { requireTenant, type Caller } from '../auth/caller.js';
import { invalid } from '../problems/problem.js';

/** A caller of some tenants names one of them: what is said where it names none. */
export function tenantFindings({ tenants }: Caller, body: unknown): Finding[] {
  if (tenants.includes('*') || tenantOf(body) !== undefined) return [];
  const named = tenants.length === 0 ? 'and this key has none' : `one of ${tenants.join(', ')}`;
  return [{ pointer: '/tenant', message: `is missing: your key covers some tenants, so name ${named}` }];
}

/**
 * Judges a body by all that was found in it.
 * @throws {Problem} `invalid-request` with all findings; `tenant-not-allowed` where the caller may not use the tenant
 */
export function requireFit(caller: Caller, body: unknown, findings: readonly Finding[]): void {
  if (findings.length > 0) throw invalid('invalid-request', findings);
  const tenant = tenantOf(body);
  if (typeof tenant === 'string') requireTenant(caller, tenant);
}

function tenantOf(body: unknown): unknown {
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>)['tenant'] : undefined;
}
