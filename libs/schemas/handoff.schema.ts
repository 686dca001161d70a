import { z } from 'zod';
import { HANDOFF_KINDS } from '#libs/contracts/index.js';
import { secretFault } from '#libs/text/secret-faults.js';
import { hasOuterBlank, isBlank, textFault } from '#libs/text/text-faults.js';

const CREDENTIAL_LIMIT = 1_000;

/** What the vendor shows is kept as it is; only its form can be seen here. The messages never repeat it. */
function credential(fault: (value: string) => string | undefined): z.ZodType<string> {
  return z
    .string({ error: 'must be text (a string)' })
    .max(CREDENTIAL_LIMIT, { error: `must have at most ${CREDENTIAL_LIMIT} characters` })
    .superRefine((value, ctx) => {
      const message = isBlank(value) ? 'must not be empty' : fault(value);
      if (message !== undefined) ctx.addIssue({ code: 'custom', message });
    });
}

function secretTextFault(value: string): string | undefined {
  return hasOuterBlank(value) ? 'must not begin or end with a blank' : secretFault(value, 'line');
}

const FORMS = 'give clientId and clientSecret, or "done": true, or "rejected" with a reason';

/** Body of `POST /v1/onboardings/{id}/handoff`: one of three forms (`docs/http.md` §4). */
export const handoffAnswerSchema = z
  .strictObject({
    clientId: credential((value) => textFault(value, 'identifier'))
      .optional()
      .meta({ description: 'Id of the app, as the vendor shows it; with clientSecret' }),
    clientSecret: credential(secretTextFault)
      .optional()
      .meta({ description: 'Sealed before it is sent anywhere; with clientId' }),
    done: z
      .literal(true, { error: 'must be true' })
      .optional()
      .meta({ description: 'What was asked for is done, and there is nothing to hand back: a removal, an update' }),
    rejected: z
      .string({ error: 'must be the reason, in 1 to 500 characters' })
      .trim()
      .min(1, { error: 'must not be empty: say why, in 1 to 500 characters' })
      .max(500, { error: 'must have at most 500 characters' })
      .superRefine((value, ctx) => {
        const message = textFault(value, 'lines');
        if (message !== undefined) ctx.addIssue({ code: 'custom', message });
      })
      .optional()
      .meta({ description: 'Why the person refuses: the job goes back' }),
  })
  .superRefine(({ clientId, clientSecret, done, rejected }, context) => {
    const hands = clientId !== undefined || clientSecret !== undefined;
    const forms = [hands, done !== undefined, rejected !== undefined].filter(Boolean).length;
    const find = (path: string[], message: string): void => context.addIssue({ code: 'custom', path, message });
    if (forms === 0) find([], FORMS);
    if (forms > 1) find([], `holds more than one answer: ${FORMS}`);
    if (hands && clientId === undefined) find(['clientId'], 'is missing');
    if (hands && clientSecret === undefined) find(['clientSecret'], 'is missing');
  })
  .meta({ id: 'AnswerHandoff' });

const time = z.iso.datetime().meta({ description: 'RFC 3339, UTC' });

/** Answer of `GET /v1/onboardings/{id}/handoff`. */
export const handoffSchema = z
  .object({
    runId: z.string().meta({ description: 'The job that asks' }),
    key: z.string().meta({ description: 'The step' }),
    kind: z.enum(HANDOFF_KINDS),
    manifest: z.string().meta({ description: 'The file, byte for byte; it may hold secrets' }),
    sha256: z.string().meta({ description: 'Of the UTF-8 bytes of the file, as lower-case hex' }),
    instruction: z.string(),
    contact: z.string().nullable(),
    createdAt: time,
    dueAt: time,
    fetchedAt: time.nullable().meta({ description: 'When the file was first fetched' }),
    reminders: z.int().meta({ description: 'How many reminders have been due' }),
  })
  .meta({ id: 'Handoff' });

/** Answer of `GET /v1/accounts/{id}/credentials`. */
export const credentialsSchema = z
  .object({
    id: z.string(),
    items: z.array(
      z.object({
        key: z.string(),
        vendor: z.string(),
        resource: z.string(),
        externalId: z.string(),
        values: z
          .record(z.string(), z.string())
          .meta({ description: 'What the vendor issued, in clear, by name: clientId and clientSecret' }),
      }),
    ),
  })
  .meta({ id: 'Credentials' });
