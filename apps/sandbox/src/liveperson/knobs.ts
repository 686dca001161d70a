import { z } from 'zod';
import { listOrder } from '../list-order.js';

const seconds = z.number().min(0);
const accountIds = z.array(z.string().regex(/^\d+$/, 'must be the digits of an account id'));

/**
 * What LivePerson's pages leave open, with the documented defaults (docs/vendors/liveperson.md §11). Lost answers, bursts of 503 and
 * slow or made-up answers are fault rules: `{"match": {"vendor": "liveperson", "resource": "app", "operation": "create"},
 * "effect": {"kind": "reset-after"}}` applies a create and drops the connection, `{"kind": "status", "status": 500, "apply": true}`
 * applies it and answers 500.
 */
export const livepersonKnobs = z
  .strictObject({
    /** Artificial latency of every call, in milliseconds. */
    delayMs: z.number().min(0).default(0),
    /** Account ids that exist. */
    accounts: accountIds.default(['12345678', '87654321']),
    /** Of these the accounts whose install API is not granted: 403 to everybody. A person installs there. */
    withoutInstallApi: accountIds.default(['87654321']),
    /** Status of the Domain API for an account that does not exist. */
    unknownAccount: z.union([z.literal(400), z.literal(401), z.literal(404), z.literal(500)]).default(404),
    /** Services that the Domain API leaves out. */
    missingServices: z.array(z.string()).default([]),
    /** `missing`: the install API is not there, 404 on the collection. */
    installApi: z.enum(['served', 'missing']).default('served'),
    /** `expired`: the fixed bearers are answered with 401. */
    fixedBearers: z.enum(['valid', 'expired']).default('valid'),
    sessionSeconds: z.number().positive().default(3600),
    /** Least time between two logins of a user, in milliseconds; sooner is 429. */
    loginIntervalMs: z.number().min(0).default(0),
    /** Calls to the install API per account and second; `null`: no limit. */
    requestsPerSecond: z.number().positive().nullable().default(null),
    /** Whether a 429 carries Retry-After: 1. */
    retryAfter: z.enum(['present', 'absent']).default('absent'),
    /** Where the revision of the account's apps is told. */
    revisionHeader: z.enum(['ac-revision', 'etag', 'both']).default('ac-revision'),
    /** PUT or DELETE without If-Match, and with an old one. */
    missingIfMatch: z.union([z.literal(428), z.literal(400)]).default(428),
    staleIfMatch: z.union([z.literal(412), z.literal(409)]).default(412),
    /** How often, for each app, somebody else's write comes in just before a PUT or DELETE of it. */
    revisionRaces: z.number().int().min(0).default(0),
    /** A second live app of the same `client_name`. */
    duplicateName: z.union([z.literal(409), z.literal(400), z.literal('accepted')]).default(409),
    listOrder,
    /** Whether the name of a deleted app may be used again. */
    deletedName: z.enum(['free', 'taken']).default('free'),
    /** Once for each name, a person makes an app of that name just before a create: `same` has the create's own values. */
    namesakeByPerson: z.enum(['none', 'other', 'same']).default('none'),
    /** Fields that the vendor's pages do not name; `ignored` keeps them without effect. */
    unknownFields: z.enum(['refused', 'ignored']).default('refused'),
    createStatus: z.union([z.literal(200), z.literal(201)]).default(201),
    /** What a create answers with. */
    createBody: z.enum(['resource', 'without-secret', 'empty']).default('resource'),
    /** Whether reads show `client_secret`. */
    secretOnRead: z.enum(['shown', 'hidden-in-2.0', 'hidden']).default('hidden-in-2.0'),
    /** `separate`: `client_id` is another value than `id`. */
    clientId: z.enum(['is-id', 'separate']).default('is-id'),
    /** Fields that nobody knows in every resource that is answered. */
    extraFields: z.boolean().default(false),
    /** Whether PUT takes out what it does not carry. */
    replace: z.enum(['full', 'merge']).default('full'),
    deleteStatus: z.union([z.literal(200), z.literal(204)]).default(204),
    /** How a deleted app reads: 404, 410, or 200 with `deleted: true`. */
    deletedRead: z.enum(['not-found', 'gone', 'shown']).default('not-found'),
    /** The vendor switches an app off so many seconds after its creation; `null`: never. */
    disabledAfterSeconds: seconds.nullable().default(null),
    token: z
      .strictObject({
        lifetimeSeconds: z.number().positive().default(3600),
        issuer: z.string().default('Sentinel'),
        /** Whether the answer carries `expires_in`. */
        expiresIn: z.enum(['present', 'absent']).default('present'),
        /** Versions of the token endpoint that know the apps. */
        versions: z.enum(['both', 'v1', 'v2']).default('both'),
        /** For how long after its creation an app is not known to Sentinel. */
        lagSeconds: seconds.default(0),
        /** Whether an app that is switched off still gets tokens. */
        disabledApp: z.enum(['refused', 'accepted']).default('refused'),
        /** Status for wrong, unknown or deleted credentials. */
        refusal: z.union([z.literal(400), z.literal(401)]).default(401),
      })
      .prefault({}),
  })
  .prefault({});

export type LivePersonKnobs = z.output<typeof livepersonKnobs>;
