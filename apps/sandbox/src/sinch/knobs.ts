import { z } from 'zod';
import { listOrder } from '../list-order.js';

const milliseconds = z.number().min(0);

/** What becomes of a channel that is set; the first one that fits decides, none means that it turns ACTIVE. */
const channelOutcome = z.strictObject({
  channel: z.string().optional(),
  /** The `claimed_identity`, or what stands for it: account, friend or business account id. */
  claimedIdentity: z.string().optional(),
  outcome: z.enum(['active', 'failing', 'stuck', 'vanishing']),
  /** `state.description` of a failing channel. */
  description: z.string().optional(),
});

/** What Sinch's pages leave open, with the documented defaults (docs/vendors/sinch.md §1 to §8). */
export const sinchKnobs = z
  .strictObject({
    /** Artificial latency of every call, in milliseconds. */
    delayMs: milliseconds.default(0),
    /** Project ids that the sandbox's key belongs to; others are 403. */
    projects: z.array(z.string()).default(['b0f4d1c2-6d3b-4c1e-9a57-2f8e0c7d9b14']),
    channels: z
      .strictObject({
        /** From PENDING to the outcome, a random time within the range. */
        activationMs: z.strictObject({ min: milliseconds.default(2000), max: milliseconds.default(5000) }).prefault({}),
        outcomes: z.array(channelOutcome).default([]),
      })
      .prefault({}),
    /** The same channel and identity on a second app of the region: taken, 400, or FAILING. */
    sharedIdentity: z.enum(['accepted', 'refused', 'failing']).default('accepted'),
    /** How secrets are read back; as `clear` they come back as they were sent. */
    secrets: z.enum(['clear', 'masked', 'absent']).default('clear'),
    /** An Instagram token reads back as another one once the channel is ACTIVE. */
    instagramTokenSwap: z.boolean().default(true),
    /** How `delivery_report_based_fallback` and `message_retry_settings` read back when they were never set. */
    unsetSettings: z.enum(['defaults', 'null']).default('defaults'),
    /** `queue_stats.outbound_size` differs on every read. */
    queueNoise: z.boolean().default(false),
    /** For how long a created app or webhook is missing from lists, in milliseconds. */
    listLagMs: milliseconds.default(0),
    deleteBody: z.enum(['object', 'empty']).default('object'),
    /** Apps per region and the status of one more; `null`: no cap. */
    appCap: z.number().int().min(0).nullable().default(null),
    appCapStatus: z.union([z.literal(400), z.literal(403)]).default(403),
    listOrder,
    /** Whether an app's webhooks may have the same target. */
    webhookTargets: z.enum(['unique', 'free']).default('unique'),
    /** A PATCH that gives a webhook another target: taken, or 400. */
    webhookTargetChange: z.enum(['accepted', 'refused']).default('accepted'),
    webhookCap: z.number().int().min(0).default(5),
    /** Calls per project and second, and of those with Basic authentication; `null`: no limit. */
    requestsPerSecond: z.number().positive().nullable().default(800),
    basicRequestsPerSecond: z.number().positive().nullable().default(null),
    /** Whether a 429 of the API carries Retry-After: 1; the token endpoint's never does. */
    retryAfter: z.enum(['present', 'absent']).default('absent'),
    token: z
      .strictObject({
        lifetimeSeconds: z.number().positive().default(3600),
        bucket: z
          .strictObject({
            enabled: z.boolean().default(true),
            capacity: z.number().min(1).default(30),
            refillPerSecond: z.number().min(0).default(10),
          })
          .prefault({}),
      })
      .prefault({}),
    /** `breached`: every write is 403 BILLING_CREDIT_LIMIT_BREACHED. */
    credit: z.enum(['fine', 'breached']).default('fine'),
  })
  .prefault({});

export type SinchKnobs = z.output<typeof sinchKnobs>;
