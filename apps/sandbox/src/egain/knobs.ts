import { z } from 'zod';
import { listOrder } from '../list-order.js';

/**
 * What eGain's pages leave open, with the documented defaults (docs/vendors/egain.md §10). Refusals: `conflict` is 409,
 * `not-found` 404, `forbidden` 403, `invalid` 400 with a code of its own.
 */
export const egainKnobs = z
  .strictObject({
    /** Artificial latency of every call, in milliseconds. */
    delayMs: z.number().min(0).default(0),
    /** Unique names, and channel types: 400-9901, 409-9901, or not enforced. */
    uniqueness: z.enum(['refused', 'conflict', 'off']).default('refused'),
    orchestrationNames: z.enum(['free', 'unique']).default('free'),
    /** Several accounts with the same channel and address. */
    accountAddresses: z.enum(['free', 'unique']).default('free'),
    /** A PUT that gives an account another `channel.id`: taken, or 400-152. */
    accountChannelChange: z.enum(['accepted', 'refused']).default('accepted'),
    /** An id in a body that names nothing: 400-9902, 404-9902, or accepted. */
    danglingReferences: z.enum(['refused', 'not-found', 'accepted']).default('refused'),
    /** Deleting what something refers to: 400-9903, 409-9903, 403-9903, or accepted. */
    deleteReferenced: z.enum(['refused', 'conflict', 'forbidden', 'accepted']).default('refused'),
    /** PUT with another `modified` than the stored one: 409-100, 400-152, or no check. */
    staleModified: z.enum(['conflict', 'invalid', 'ignored']).default('conflict'),
    /** PUT without `modified`: taken, or 400-143. */
    missingModified: z.enum(['accepted', 'refused']).default('accepted'),
    /**
     * `pages`: $pagenum and $pagesize; `pagenum-only`: $pagesize is an unknown parameter; `refused`: both are, and a
     * list ends after its first page; `all`: both are, and a list is whole.
     */
    paging: z.enum(['pages', 'pagenum-only', 'refused', 'all']).default('pages'),
    paginationInfo: z.enum(['present', 'absent']).default('present'),
    listOrder,
    /** Items of a page without $pagesize, and the largest $pagesize. */
    pageSize: z.number().int().min(1).default(10),
    largestPageSize: z.number().int().min(1).default(75),
    /** Unknown query parameters: 400-101, or ignored. */
    unknownQuery: z.enum(['refused', 'ignored']).default('refused'),
    /** Unknown members of a body: dropped, or 400-152. */
    unknownFields: z.enum(['ignored', 'refused']).default('ignored'),
    /** For how long a created object is missing from lists, in milliseconds. */
    listLagMs: z.number().min(0).default(0),
    /** How secrets are read back. */
    secrets: z.enum(['clear', 'masked', 'absent']).default('clear'),
    /** Where the answer of a create carries the new id. */
    createdId: z.enum(['body', 'body-and-location', 'location']).default('body'),
    deleteStatus: z.union([z.literal(204), z.literal(200)]).default(204),
    token: z
      .strictObject({
        lifetimeSeconds: z.number().positive().default(300),
        expiresIn: z.enum(['present', 'absent']).default('present'),
      })
      .prefault({}),
    /** What the OAuth client was granted; without it calls are 403-197. */
    permission: z.enum(['manage', 'read', 'none']).default('manage'),
    throttle: z
      .strictObject({
        enabled: z.boolean().default(false),
        limitPerMinute: z.number().int().min(0).default(60),
        /** Seconds until the window ends, beside X-RateLimit-*. */
        retryAfter: z.enum(['present', 'absent']).default('absent'),
      })
      .prefault({}),
    /** `all`: what is there before the first call; `required`: the agent application and entry points alone. */
    seeds: z.enum(['all', 'required']).default('all'),
    /** Foreign objects per resource. */
    foreignObjects: z.number().int().min(0).default(25),
    /** Ids of the chat entry points of every tenant. */
    entryPoints: z.array(z.string()).default(['1001', '1002', '1003']),
  })
  .prefault({});

export type EgainKnobs = z.output<typeof egainKnobs>;
