import { z } from 'zod';
import { textLength } from '#libs/planning/index.js';

/** Mark of text that the engine has sealed; no caller may send such text. */
const SEALED_PREFIX = 'sealed:';

/** Fields that a caller may know from the vendor's page and that the engine fills in: field -> what to do instead. */
export const reservedFields = z.registry<{ reserved: Readonly<Record<string, string>> }>();

/** An object whose unknown fields are refused. `reserved` explains the refusal of fields that the vendor documents. */
export function body<S extends z.core.$ZodShape>(
  shape: S,
  reserved: Readonly<Record<string, string>> = {},
): z.ZodObject<S, z.core.$strict> {
  const schema = z.strictObject(shape);
  schema.register(reservedFields, { reserved });
  return schema;
}

/** Text of `min` to `max` characters (code points, as JSON Schema and the vendors count them); not only blanks where some is required. */
export function text(max = Number.POSITIVE_INFINITY, min = 1): z.ZodString {
  const limits = { ...(min > 0 ? { minLength: min } : {}), ...(Number.isFinite(max) ? { maxLength: max } : {}) };
  return z
    .string()
    .superRefine((value, ctx) => {
      const message = lengthFault(value, min, max);
      if (message !== undefined) ctx.addIssue({ code: 'custom', message });
    })
    .meta(limits);
}

/** An id that eGain made: 36 characters (`docs/vendors/egain.md` §2). */
export function uuid(): z.ZodString {
  return z
    .string()
    .regex(/^[0-9A-Za-z-]{36}$/, { error: 'must be an id of 36 characters, as eGain shows it' })
    .meta({ examples: ['45a0b1c2-d3e4-4f50-8617-283940a5b6c7'] });
}

/** An absolute URL. Scheme and host are judged by the URL rules, which know whether private ones are allowed. */
export function url(max = Number.POSITIVE_INFINITY): z.ZodString {
  return text(max).meta({ format: 'uri' });
}

/** Name of an HTTP header. */
export function headerName(): z.ZodString {
  return z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, {
    error: 'must be the name of an HTTP header: letters, digits and hyphens, without blanks or a colon',
  });
}

const secretReference = [
  z
    .strictObject({
      env: z.string().regex(/^GANGWAY_SECRET_[A-Z0-9_]+$/, {
        error: 'must be the name of a variable that begins with GANGWAY_SECRET_, in capitals, digits and underscores',
      }),
    })
    .meta({ description: 'A variable of the worker.' }),
  z
    .strictObject({
      file: z.string().regex(/^(?!\.)[0-9A-Za-z._-]{1,255}$/, {
        error: 'must be the plain name of a file in the secrets folder: no slashes and no dot at its beginning',
      }),
    })
    .meta({ description: "A file in the worker's secrets folder." }),
] as const;

type SecretSchema = z.ZodUnion<readonly [z.ZodString, ...typeof secretReference]>;

/** A secret: the text itself, or where the worker finds it. `inline` adds rules to the text; an empty one needs `allowEmpty`. */
export function secret(
  options: { allowEmpty?: boolean; inline?: (value: string) => string | undefined } = {},
): SecretSchema {
  const inline = z
    .string()
    .superRefine((value, ctx) => {
      const message = inlineSecretFault(value, options.allowEmpty === true) ?? options.inline?.(value);
      if (message !== undefined) ctx.addIssue({ code: 'custom', message });
    })
    .meta({ format: 'password', ...(options.allowEmpty === true ? {} : { minLength: 1 }) });
  return z.union([inline, ...secretReference]);
}

/** A header value that may hold a secret; a line break would end the header. */
export function headerValue(): SecretSchema {
  return secret({ inline: (value) => (/[\r\n\0]/.test(value) ? 'must not hold a line break' : undefined) });
}

function inlineSecretFault(value: string, allowEmpty: boolean): string | undefined {
  if (value === '' && !allowEmpty)
    return 'must not be empty: give the secret, {"env": "GANGWAY_SECRET_..."} or {"file": "name"}';
  if (value === '[secret]') return 'is the mark that answers show in place of a secret: give the secret itself';
  if (value.startsWith(SEALED_PREFIX))
    return 'is a sealed text, which only this installation makes: give the secret itself';
  return undefined;
}

function lengthFault(value: string, min: number, max: number): string | undefined {
  // Counting code points is only needed when the UTF-16 units alone are too many.
  if (value.length > max && textLength(value) > max) return `must be at most ${max} characters long`;
  if (min > 0 && value.trim() === '') return 'must not be empty';
  return undefined;
}
