import { z } from 'zod';
import { NAME_PATTERN, VENDORS } from '#libs/contracts/index.js';
import { parseDuration } from '#libs/schemas/duration.js';
import { SECRET_VARIABLE } from '#libs/secrets/references.js';
import { serviceUrlFault } from './urls.js';
import { expandVariables } from './variables-in-text.js';

const CONNECTION_NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** A text that is there: the messages name the cure and never the value. */
const text = z.string(required('must be a text (a number needs quotes)')).min(1, 'must not be empty');

const credential = z.union(
  [
    text,
    z.strictObject({ env: text.regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be the name of an environment variable') }),
    z.strictObject({ file: text }),
  ],
  required('must be a text, {env: NAME} or {file: path}'),
);

const duration = text.transform((value, context) => {
  const ms = parseDuration(value);
  if (ms !== undefined) return ms;
  context.addIssue({ code: 'custom', message: 'must be a duration like 200ms, 30s, 5m, 2h or PT5M' });
  return z.NEVER;
});

const positiveDuration = duration.refine((ms) => ms > 0, 'must be longer than 0');

const retryFields = {
  initialInterval: positiveDuration.optional(),
  maximumInterval: positiveDuration.optional(),
  giveUpAfter: duration.optional(),
  settle: z.array(duration, 'must be a list of durations').min(1).max(10, 'must hold at most 10 durations').optional(),
};
const retryEntry = z.strictObject(retryFields);
export type RetryEntry = z.output<typeof retryEntry>;

const limits = z.strictObject({
  requestsPerSecond: z
    .number('must be a number')
    .positive('must be above 0')
    .max(10_000, 'must be at most 10000')
    .optional(),
  concurrency: z
    .int('must be a whole number')
    .min(1, 'must be at least 1')
    .max(1_000, 'must be at most 1000')
    .optional(),
  timeoutMs: z
    .int('must be a whole number of milliseconds')
    .min(10, 'must be at least 10')
    .max(300_000, 'must be at most 300000')
    .optional(),
});

const tenantName = text.refine(
  (name) => name === '*' || NAME_PATTERN.test(name),
  'must be the name of a tenant, or "*" for all',
);
const tenants = z
  .array(tenantName, required('must be a list of tenant names, or ["*"]'))
  .min(1, 'must hold at least one tenant, or "*"');

/** What one run over the fleet may repair and remove at most, whatever it is given. */
export const MOST_REPAIRS = 10_000;
export const MOST_REMOVALS = 1_000;

const wholeUpTo = (most: number) =>
  z.int('must be a whole number').min(0, 'must be at least 0').max(most, `must be at most ${most}`);

const reconciliation = z.strictObject({
  stopShare: z.number('must be a number').gt(0, 'must be above 0').max(1, 'must be at most 1').default(0.1),
  stopCount: z.int('must be a whole number').min(1, 'must be at least 1').default(5),
  scanShare: z.number('must be a number').gt(0, 'must be above 0').max(1, 'must be at most 1').default(0.5),
  maxRepairs: wholeUpTo(MOST_REPAIRS).default(100),
  maxRemovals: wholeUpTo(MOST_REMOVALS).default(10),
  orphanAge: duration.default(24 * 3_600_000),
});

/** A delivery ends within its activity's minute. */
const LONGEST_DELIVERY_MS = 30_000;

const notifications = z.strictObject({
  within: positiveDuration.default(30 * 60_000),
  timeout: positiveDuration
    .refine((ms) => ms <= LONGEST_DELIVERY_MS, `must be at most ${LONGEST_DELIVERY_MS / 1_000}s`)
    .default(15_000),
  ports: z
    .array(z.int('must be a port, a number from 1 to 65535').min(1, 'must be a port').max(65_535, 'must be a port'))
    .max(20, 'must hold at most 20 ports')
    .default([]),
});

/** Id of something in a URL's path: no character that would change it. */
const pathId = text.regex(/^[A-Za-z0-9._-]+$/, 'must hold letters, digits, dots, hyphens and underscores only');

/** Which tenants may name which variable of the worker as a secret; `[]`: nobody, for the time being. */
const secrets = z.record(
  z.string().regex(SECRET_VARIABLE, 'must be GANGWAY_SECRET_ and capitals, digits and underscores'),
  z.array(tenantName, required('must be a list of tenant names, or ["*"]')),
  required('must be lists of tenant names by variable'),
);

/** The connections file (`docs/http.md` §3). Unknown fields are faults. Addresses may hold variables of `env`: `${NAME:-otherwise}`. */
// eslint-disable-next-line @typescript-eslint/explicit-module-boundary-types -- a schema's type is its definition
export function connectionsFileSchema({
  allowPrivateUrls,
  env,
}: {
  allowPrivateUrls: boolean;
  env: NodeJS.ProcessEnv;
}) {
  const url = text
    .transform((value, context) => {
      const expanded = expandVariables(value, env);
      if ('text' in expanded) return expanded.text;
      context.addIssue({ code: 'custom', message: expanded.fault });
      return z.NEVER;
    })
    .superRefine((value, context) => {
      const message = serviceUrlFault(value, allowPrivateUrls);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    });
  const baseUrl = url
    .refine((value) => !value.includes('?'), 'must not hold a query (?...)')
    .transform((value) => value.replace(/\/+$/, ''));

  const shared = { tenants, adopt: z.boolean('must be true or false').optional(), limits: limits.prefault({}) };
  const egain = z.strictObject({
    vendor: z.literal('egain'),
    ...shared,
    apiBase: baseUrl,
    tokenUrl: url,
    scope: text,
    clientId: credential,
    clientSecret: credential,
    agentClientApplicationId: pathId,
  });
  const sinch = z.strictObject({
    vendor: z.literal('sinch'),
    ...shared,
    apiBase: baseUrl,
    tokenUrl: url.optional(),
    projectId: pathId,
    keyId: credential,
    keySecret: credential,
  });
  const liveperson = z
    .strictObject({
      vendor: z.literal('liveperson'),
      ...shared,
      mode: z.enum(['handoff', 'api'], 'must be handoff or api').default('handoff'),
      domainApi: baseUrl,
      accountId: pathId,
      apiVersion: pathId.optional(),
      bearer: credential.optional(),
      login: z.strictObject({ username: credential, password: credential }).optional(),
    })
    .superRefine(({ mode, bearer, login }, context) => {
      const message =
        bearer !== undefined && login !== undefined
          ? 'must not stand beside login: give one of them'
          : mode === 'api' && bearer === undefined && login === undefined
            ? 'is missing: mode api needs bearer, or login with username and password'
            : undefined;
      if (message !== undefined) context.addIssue({ code: 'custom', path: ['bearer'], message });
    });

  const entry = z.discriminatedUnion('vendor', [egain, sinch, liveperson], {
    error: `vendor must be one of ${VENDORS.join(', ')}`,
  });
  return z.strictObject({
    connections: z
      .record(
        z.string().regex(CONNECTION_NAME, 'must be 1 to 63 lower-case letters, digits and hyphens, no hyphen first'),
        entry,
        required('must be a map of connections by name'),
      )
      .refine((all) => Object.keys(all).length > 0, 'must hold at least one connection'),
    retry: z
      .strictObject({
        ...retryFields,
        egain: retryEntry.optional(),
        sinch: retryEntry.optional(),
        liveperson: retryEntry.optional(),
      })
      .prefault({}),
    reconciliation: reconciliation.prefault({}),
    notifications: notifications.prefault({}),
    secrets: secrets.default({}),
  });
}

export type ConnectionsFile = z.output<ReturnType<typeof connectionsFileSchema>>;
export type ConnectionEntry = ConnectionsFile['connections'][string];

/** The message for a field that is there but wrong; one that is not there "is missing". */
function required(message: string): { error: (issue: { input?: unknown }) => string } {
  return { error: ({ input }) => (input === undefined ? 'is missing' : message) };
}
