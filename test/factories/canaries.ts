import type { OnboardingSpec } from '#libs/contracts/index.js';
import { mapSecrets } from '#libs/onboarding/index.js';
import { livepersonTextSpec } from './liveperson.js';
import { fullAuthentication, fullEgainSpec } from './specs.js';

/** A spec with a canary in each secret field, and the canaries by their place in it (RFC 6901). */
export interface Canaries {
  spec: OnboardingSpec;
  canaries: Record<string, string>;
}

/**
 * The full spec with a different, searchable text in every secret field. An authentication is either OAuth 2 or basic, so it takes
 * both variants to plant every field there is.
 */
export function canarySpec(authentication: 'oauth2' | 'basic' = 'oauth2'): Canaries {
  const full = fullEgainSpec();
  const egain = full.egain && {
    ...full.egain,
    authentication:
      authentication === 'oauth2'
        ? fullAuthentication()
        : { type: 'basic', basicAuth: { username: 'hub', password: 'basic-password' } },
  };
  return planted({ ...full, ...(egain ? { egain } : {}) }, authentication);
}

/** The same for the liveperson chain. Its manifest's text is a secret as a whole, and a canary too: it is no manifest any more. */
export function livepersonCanarySpec(): Canaries {
  return planted(livepersonTextSpec({ notify: fullEgainSpec().notify }), 'liveperson');
}

function planted(full: OnboardingSpec, variant: string): Canaries {
  const canaries: Record<string, string> = {};
  const spec = mapSecrets(full, (_value, pointer) => {
    const text = `canary-${String(Object.keys(canaries).length).padStart(2, '0')}-${variant}-kF7sQ2xV9`;
    return (canaries[pointer] = pointer.startsWith('/notify/') ? signingSecret(text) : text);
  });
  return { spec, canaries };
}

/** Notification secrets have a form of their own: `whsec_` and base64 of 24 to 64 bytes. */
function signingSecret(text: string): string {
  return `whsec_${Buffer.from(text).toString('base64')}`;
}
