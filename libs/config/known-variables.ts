import { closestOf } from '#libs/text/closest.js';
import { SECRET_VARIABLE_PREFIX } from '#libs/secrets/references.js';

const PREFIX = 'GANGWAY_';

/** Every variable with the prefix that one of our programs reads; besides them those that specs name as secrets. */
export const KNOWN_VARIABLES: readonly string[] = [
  'GANGWAY_ALLOW_INSECURE_TEMPORAL',
  'GANGWAY_ALLOW_PRIVATE_URLS',
  'GANGWAY_ALLOW_READABLE_KEYS',
  'GANGWAY_API_KEYS',
  'GANGWAY_AUDIT_FILE',
  'GANGWAY_CODEC_ENCODE',
  'GANGWAY_CONNECTIONS',
  'GANGWAY_CONSOLE_URL',
  'GANGWAY_DATA_DIR',
  'GANGWAY_EMBEDDED',
  'GANGWAY_ENCRYPTION_KEYS',
  'GANGWAY_HOST',
  'GANGWAY_INSTALLATION',
  'GANGWAY_LOG_LEVEL',
  'GANGWAY_METRICS_PORT',
  'GANGWAY_OIDC_AUDIENCE',
  'GANGWAY_OIDC_ISSUER',
  'GANGWAY_OIDC_SCOPE_CLAIM',
  'GANGWAY_OIDC_TENANTS_CLAIM',
  'GANGWAY_PORT',
  'GANGWAY_RATE_LIMIT',
  'GANGWAY_SANDBOX_HOST',
  'GANGWAY_SANDBOX_PORT',
  'GANGWAY_SECRETS_DIR',
  'GANGWAY_TASK_QUEUES',
  'GANGWAY_TEMPORAL_COMPRESSION',
  'GANGWAY_TEMPORAL_PORT',
  'GANGWAY_TEMPORAL_UI_PORT',
  'GANGWAY_TEMPORAL_UI_URL',
  'GANGWAY_TOKEN',
  'GANGWAY_TRUST_PROXY',
  'GANGWAY_URL',
];

const nearest = closestOf(KNOWN_VARIABLES);

/**
 * A sentence for each variable with the prefix that no program of ours reads, naming the one that was probably meant. Never holds a
 * value. Such a variable is no fault: it may be of a later version.
 */
export function unknownVariables(variables: NodeJS.ProcessEnv = process.env): string[] {
  return Object.keys(variables)
    .filter((name) => name.startsWith(PREFIX) && !name.startsWith(SECRET_VARIABLE_PREFIX))
    .filter((name) => !KNOWN_VARIABLES.includes(name))
    .sort()
    .map((name) => {
      const near = nearest(name);
      return `${name} is not a known variable${near === undefined ? ': it has no effect' : `; did you mean ${near}?`}`;
    });
}
