import { z } from 'zod';

const milliseconds = z.number().min(0);
const status = z.number().int().min(100).max(599);
const headers = z.record(z.string(), z.string()).optional();
/** JSON for anything but a text; a text goes out as it is. */
const body = z.unknown().optional();
/** `reset` sends a TCP reset, `close` ends the connection without an answer. */
const cut = z.enum(['reset', 'close']).default('reset');

/** An answer made by a rule in place of the vendor's. */
const madeUpAnswer = z.strictObject({ status, body, headers, contentType: z.string().optional() });

const effect = z.discriminatedUnion('kind', [
  /** The connection is cut before anything of the body is read; nothing is applied. */
  z.strictObject({ kind: z.literal('refuse'), cut }),
  /** The request is read, then the connection is cut; nothing is applied. */
  z.strictObject({ kind: z.literal('reset-before'), cut }),
  /** The call is applied, then the connection is cut. */
  z.strictObject({ kind: z.literal('reset-after'), cut }),
  /** Applied and answered after `ms`, also when the client has gone; `effectFirst`: applied at once, answered later. */
  z.strictObject({ kind: z.literal('delay'), ms: milliseconds, effectFirst: z.boolean().default(false) }),
  /** Another answer than the vendor's; with `apply` the call is applied before it. */
  z.strictObject({ kind: z.literal('status'), ...madeUpAnswer.shape, apply: z.boolean().default(false) }),
  /** Applied; the answer promises more bytes than come. */
  z.strictObject({ kind: z.literal('truncated') }),
  /** Applied; the vendor's status with this body. Left out: an empty one. */
  z.strictObject({ kind: z.literal('body'), body, contentType: z.string().optional() }),
  /** Applied only `ms` later, though the client has its reply, or none, at once. */
  z.strictObject({
    kind: z.literal('late'),
    ms: milliseconds,
    reply: z.union([z.enum(['hang', 'reset']), madeUpAnswer]).default('hang'),
  }),
  /** Never answered, never applied. */
  z.strictObject({ kind: z.literal('hang') }),
]);

const pattern = z.string().refine((text) => isPattern(text), 'must be a regular expression');

const faultRule = z
  .strictObject({
    /** Shown in the ledger; `rule-<n>` if left out. */
    id: z.string().optional(),
    /** Everything given must fit; nothing given fits every call to a vendor. */
    match: z
      .strictObject({
        vendor: z.string().optional(),
        /** A kind, such as clientApplication, app or webhook, or `token`. */
        resource: z.string().optional(),
        operation: z.enum(['token', 'list', 'get', 'create', 'update', 'delete', 'unknown']).optional(),
        method: z.string().toUpperCase().optional(),
        /** A regular expression on the whole path, without the query. */
        path: pattern.optional(),
        bodyContains: z.string().optional(),
      })
      .prefault({}),
    /** Which of the fitting calls are hit, counted from 1 per rule. */
    nth: z.union([z.number().int().min(1), z.array(z.number().int().min(1))]).optional(),
    /** All from this one on. */
    from: z.number().int().min(1).optional(),
    /** At most so many hits. */
    times: z.number().int().min(1).optional(),
    /** This share of the fitting calls, drawn with `seed`. */
    share: z.number().min(0).max(1).optional(),
    seed: z.number().int().default(1),
    effect,
  })
  .refine((rule) => rule.effect.kind !== 'refuse' || rule.match.bodyContains === undefined, {
    path: ['match', 'bodyContains'],
    message: 'does not go with the effect refuse, which acts before the body is read',
  });

export const faultRules = z.strictObject({ rules: z.array(faultRule) });

export type FaultRule = z.output<typeof faultRule>;
export type FaultRuleInput = z.input<typeof faultRule>;
export type Effect = FaultRule['effect'];
export type MadeUpAnswer = z.output<typeof madeUpAnswer>;

function isPattern(text: string): boolean {
  try {
    return new RegExp(text) instanceof RegExp;
  } catch {
    return false;
  }
}
