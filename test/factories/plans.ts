import { createHash, createHmac } from 'node:crypto';
import type { OnboardingSpec, Plan } from '#libs/contracts/index.js';
import { planWithSecrets } from '#libs/onboarding/index.js';
import { type PlanningContext } from '#libs/planning/index.js';
import { minimalEgainSpec } from './specs.js';

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** What tests plan with: the installation `test1` and a connection that names its agent application. */
export function planningContext(overrides: Partial<PlanningContext> = {}): PlanningContext {
  return {
    installation: 'test1',
    sha256,
    facts: { egain: { agentClientApplicationId: 'a6e47a99-0000-4000-8000-000000000001' } },
    ...overrides,
  };
}

/**
 * The plan of a spec. Its secrets only look sealed (`sealed:v1:test:` and the secret in base64), so that a test can tell what is in
 * them without a key ring; where an activity unseals, plan with the real one.
 */
export function planOf(spec: OnboardingSpec = minimalEgainSpec(), overrides: Partial<PlanningContext> = {}): Plan {
  return planWithSecrets(spec, planningContext(overrides), {
    seal: (secret) => `sealed:v1:test:${Buffer.from(secret).toString('base64')}`,
    hmac: (secret) => createHmac('sha256', 'test').update(secret).digest('hex'),
  });
}
