import { z } from 'zod';
import { HANDOFF_KINDS } from '#libs/contracts/index.js';
import { valueAt } from '#libs/fields/raw.js';
import type { ReturnedValue } from '#libs/resources/contract.js';
import { secretFault } from '#libs/text/secret-faults.js';
import { hasOuterBlank, isBlank, textFault } from '#libs/text/text-faults.js';
import { VENDOR_MODULES } from '#libs/vendors/registry.js';

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

/** What people hand back, by the resource of which it is asked. */
const RETURNED: readonly (readonly ReturnedValue[])[] = VENDOR_MODULES.flatMap(({ resources }) =>
  resources.flatMap(({ person }) => (person && person.returns.length > 0 ? [person.returns] : [])),
);

const FORMS = `give ${RETURNED.map((values) => namesOf(values)).join(', or ')}, or "done": true, or "rejected" with a reason`;

/** The names of what is handed back, in a sentence: `clientId and clientSecret`. */
export function namesOf(values: readonly ReturnedValue[]): string {
  return values.map(({ name }) => name).join(' and ');
}

const handedBack = Object.fromEntries(
  RETURNED.flat().map(({ name, secret }) => [
    name,
    credential(secret ? secretTextFault : (value) => textFault(value, 'identifier'))
      .optional()
      .meta({
        description: secret ? 'As the vendor shows it; sealed before it is sent anywhere' : 'As the vendor shows it',
      }),
  ]),
);

/** Body of `POST /v1/onboardings/{id}/handoff`: one of three forms (`docs/http.md` §4). */
export const handoffAnswerSchema = z
  .strictObject({
    ...handedBack,
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
  .superRefine((reply, context) => {
    const given = Object.keys(handedBack).filter((name) => valueAt(reply, name) !== undefined);
    const forms = [given.length > 0, reply.done !== undefined, reply.rejected !== undefined].filter(Boolean).length;
    const find = (path: string[], message: string): void => context.addIssue({ code: 'custom', path, message });
    if (forms === 0) find([], FORMS);
    if (forms > 1) find([], `holds more than one answer: ${FORMS}`);
    for (const name of missingOf(given)) find([name], 'is missing');
  })
  .meta({ id: 'AnswerHandoff' });

/** What is missing beside what is given: of that resource of which the most is there. */
function missingOf(given: readonly string[]): string[] {
  if (given.length === 0) return [];
  const lacking = RETURNED.map((values) => values.map(({ name }) => name))
    .filter((names) => given.some((name) => names.includes(name)))
    .map((names) => names.filter((name) => !given.includes(name)));
  return lacking.sort((a, b) => a.length - b.length)[0] ?? [];
}

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
    returns: z
      .array(z.object({ name: z.string(), secret: z.boolean() }))
      .meta({ description: 'What is to be handed back, by name; empty where the person only says that it is done' }),
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
