import { createHash } from 'node:crypto';
import type { ApiSettings } from '#libs/config/api-settings.js';
import { tenantMayUse, type Connection } from '#libs/config/connections.js';
import {
  accountId,
  isJsonObject,
  VENDORS,
  type JsonObject,
  type OnboardingSpec,
  type Plan,
} from '#libs/contracts/index.js';
import { PlanningError, planWithSecrets, type PlanningContext } from '#libs/planning/index.js';
import { parseSpec } from '#libs/schemas/parse-spec.js';
import type { Finding } from '#libs/schemas/findings.js';
import type { Sealer } from '#libs/secrets/sealer.js';
import { requireTenant, type Caller } from '../auth/caller.js';
import { invalid } from '../problems/problem.js';

/** A spec with the plan that it leads to; inline secrets are sealed in the plan. */
export interface PlannedSpec {
  spec: OnboardingSpec;
  plan: Plan;
  warnings: Finding[];
}

export interface PlannerDeps {
  settings: Pick<ApiSettings, 'connections' | 'allowPrivateUrls'>;
  sealer: Sealer;
  /** The name of this installation; may have to be asked of Temporal. */
  installation: () => Promise<string>;
}

/** Turns what a caller sends into a plan, the same way for a dry run, a start and a retry. */
export interface Planner {
  /** @throws {Problem} `tenant-not-allowed`, or `invalid-spec` with all findings. */
  plan(caller: Caller, body: unknown): Promise<PlannedSpec>;
}

export function createPlanner({ settings, sealer, installation }: PlannerDeps): Planner {
  return {
    async plan(caller, body) {
      requireTenantOf(caller, body);
      const parsed = parseSpec(body, { allowPrivateUrls: settings.allowPrivateUrls });
      const connections = connectionFindings(body, settings.connections);
      if (!parsed.ok) throw invalid('invalid-spec', [...parsed.findings, ...connections]);
      if (connections.length > 0) throw invalid('invalid-spec', connections);
      const { spec, warnings } = parsed;
      const id = accountId(spec);
      try {
        const plan = planWithSecrets(
          spec,
          { installation: await installation(), sha256, ...connectionFacts(spec, settings.connections) },
          { seal: (secret) => sealer.seal(secret, id), hmac: (secret) => sealer.hmac(secret) },
        );
        return { spec, plan, warnings };
      } catch (error) {
        if (!(error instanceof PlanningError)) throw error;
        throw invalid('invalid-spec', [{ pointer: error.pointer, message: error.message }]);
      }
    },
  };
}

/** SHA-256 of a text's UTF-8 bytes as lower-case hex. */
export function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** Before anything else: whether a tenant exists is nobody's business who may not use it. */
function requireTenantOf(caller: Caller, body: unknown): void {
  const tenant = isJsonObject(body) ? body['tenant'] : undefined;
  if (typeof tenant === 'string') requireTenant(caller, tenant);
}

/** A connection that the tenant may not use is answered like one that is not there. */
function connectionFindings(body: unknown, known: readonly Connection[]): Finding[] {
  const named = isJsonObject(body) ? body['connections'] : undefined;
  const tenant = isJsonObject(body) ? body['tenant'] : undefined;
  if (!isJsonObject(named) || typeof tenant !== 'string') return [];
  return VENDORS.flatMap((vendor) => {
    const name = named[vendor];
    if (typeof name !== 'string' || name === '') return [];
    const pointer = `/connections/${vendor}`;
    const found = known.find((each) => each.vendor === vendor && each.name === name && tenantMayUse(each, tenant));
    return found ? [] : [{ pointer, message: `names no ${vendor} connection that this tenant may use` }];
  });
}

/** What planning needs to know of the spec's connections. */
function connectionFacts(
  { connections }: OnboardingSpec,
  known: readonly Connection[],
): Pick<PlanningContext, 'egain' | 'liveperson'> {
  const named = known.filter(({ vendor, name }) => connections[vendor] === name);
  return Object.assign({}, ...named.map(factsOf)) as Pick<PlanningContext, 'egain' | 'liveperson'>;
}

function factsOf(connection: Connection): Pick<PlanningContext, 'egain' | 'liveperson'> {
  switch (connection.vendor) {
    case 'egain':
      return { egain: { agentClientApplicationId: connection.agentClientApplicationId } };
    case 'liveperson':
      return { liveperson: { mode: connection.mode, accountId: connection.accountId } };
    case 'sinch':
      return {};
  }
}

/** The body of a request that may hold fields beside the spec: those fields, and the spec without them. */
export function splitBody(body: unknown, field: string): { spec: unknown; value: unknown } {
  if (!isJsonObject(body)) return { spec: body, value: undefined };
  const { [field]: value, ...spec } = body;
  return { spec: spec satisfies JsonObject, value };
}
