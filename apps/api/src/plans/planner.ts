import { createHash } from 'node:crypto';
import type { ApiSettings } from '#libs/config/api-settings.js';
import { accountId, isJsonObject, type JsonObject, type OnboardingSpec, type Plan } from '#libs/contracts/index.js';
import { connectionFacts, planWithSecrets } from '#libs/onboarding/index.js';
import { PlanningError } from '#libs/planning/index.js';
import { parseSpec } from '#libs/schemas/parse-spec.js';
import type { Finding } from '#libs/fields/findings.js';
import type { Sealer } from '#libs/secrets/sealer.js';
import { requireTenant, type Caller } from '../auth/caller.js';
import { invalid } from '../problems/problem.js';
import { requireAdoption, type AdoptionDeps } from './adoption.js';
import { rightsFindings } from './rights.js';

/** A spec with the plan that it leads to; inline secrets are sealed in the plan. */
export interface PlannedSpec {
  spec: OnboardingSpec;
  plan: Plan;
  warnings: Finding[];
}

export interface PlannerDeps {
  settings: Pick<ApiSettings, 'connections' | 'rights' | 'notifications' | 'allowPrivateUrls'>;
  sealer: Sealer;
  /** The name of this installation; may have to be asked of Temporal. */
  installation: () => Promise<string>;
  /** Keys of the nodes that an account takes over already. */
  adopted: AdoptionDeps['adopted'];
}

/** Turns what a caller sends into a plan, the same way for a dry run, a start and a retry. */
export interface Planner {
  /** @throws {Problem} `tenant-not-allowed`, `missing-scope` for taking over, or `invalid-spec` with all findings. */
  plan(caller: Caller, body: unknown): Promise<PlannedSpec>;
}

export function createPlanner({ settings, sealer, installation, adopted }: PlannerDeps): Planner {
  return {
    async plan(caller, body) {
      requireTenantOf(caller, body);
      const parsed = parseSpec(body, { allowPrivateUrls: settings.allowPrivateUrls });
      const beyondRights = rightsFindings(body, settings);
      if (!parsed.ok) throw invalid('invalid-spec', [...parsed.findings, ...beyondRights]);
      if (beyondRights.length > 0) throw invalid('invalid-spec', beyondRights);
      const { spec, warnings } = parsed;
      const id = accountId(spec);
      let plan: Plan;
      try {
        plan = planWithSecrets(
          spec,
          { installation: await installation(), sha256, facts: connectionFacts(spec, settings.connections) },
          {
            seal: (secret, field) => sealer.seal(secret, { accountId: id, field }),
            hmac: (secret) => sealer.hmac(secret),
          },
        );
      } catch (error) {
        if (!(error instanceof PlanningError)) throw error;
        throw invalid('invalid-spec', [{ pointer: error.pointer, message: error.message }]);
      }
      await requireAdoption(caller, plan, { rights: settings.rights, adopted });
      return { spec, plan, warnings };
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

/** The body of a request that may hold fields beside the spec: those fields, and the spec without them. */
export function splitBody(body: unknown, field: string): { spec: unknown; value: unknown } {
  if (!isJsonObject(body)) return { spec: body, value: undefined };
  const { [field]: value, ...spec } = body;
  return { spec: spec satisfies JsonObject, value };
}
