import { z } from 'zod';
import { characters } from '#libs/text/characters.js';
import { headerValueFault, secretFault, type SecretForm } from '#libs/text/secret-faults.js';
import { isBlank, textFault, type TextKind } from '#libs/text/text-faults.js';

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

/** What a text must be besides its kind. Of several faults of one text the first is told: length, kind, rule. */
export interface TextRules {
  /** Most characters (code points, as JSON Schema and the vendors count them). Default: no limit. */
  max?: number;
  /** Least characters; with 1 something must be seen in it. Default: 1. */
  min?: 0 | 1;
  /** Its form, with what is said of a text that has another one. The pattern stands in the JSON Schema: keep to what every engine knows. */
  form?: { pattern: RegExp; error: string };
  /** A further rule that no pattern can say: what is wrong, without the value. */
  rule?: (value: string) => string | undefined;
}

/** Text that machines compare or look up: an id, an address, a name of a field. It holds nothing that is not seen. */
export function identifier(rules: TextRules = {}): z.ZodString {
  return text('identifier', rules);
}

/** A name that people read: one line, without blanks at its ends. */
export function line(rules: TextRules = {}): z.ZodString {
  return text('line', rules);
}

/** Text that people or programs read, over as many lines as it likes. */
export function lines(rules: TextRules = {}): z.ZodString {
  return text('lines', rules);
}

function text(kind: TextKind, { max = Number.POSITIVE_INFINITY, min = 1, form, rule }: TextRules): z.ZodString {
  return z
    .string()
    .superRefine((value, ctx) => {
      const misformed = (): string | undefined => (form?.pattern.test(value) === false ? form.error : undefined);
      const message = lengthFault(value, min, max) ?? textFault(value, kind) ?? misformed() ?? rule?.(value);
      if (message !== undefined) ctx.addIssue({ code: 'custom', message });
    })
    .meta({
      ...(min > 0 ? { minLength: min } : {}),
      ...(Number.isFinite(max) ? { maxLength: max } : {}),
      ...(form ? { pattern: form.pattern.source } : {}),
    });
}

/** A list of at most `max` items: the vendor's limit, or where it has none the number that nobody would go beyond by hand. */
export function list<T extends z.ZodType>(item: T, max: number = 1_000): z.ZodArray<T> {
  return z.array(item).max(max);
}

/** Name of somebody who logs in with HTTP's basic authentication (RFC 7617): it ends at the first colon. */
export function basicUserName(): z.ZodString {
  return identifier({ form: { pattern: /^[^:]*$/, error: 'must not hold a colon: the password begins behind it' } });
}

/** An absolute URL of at most `max` characters. All else is judged by the URL rules, which know whether private hosts are allowed. */
export function url(max = Number.POSITIVE_INFINITY): z.ZodString {
  return z
    .string()
    .superRefine((value, ctx) => {
      const message = lengthFault(value, 1, max);
      if (message !== undefined) ctx.addIssue({ code: 'custom', message });
    })
    .meta({ minLength: 1, ...(Number.isFinite(max) ? { maxLength: max } : {}), format: 'uri' });
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
      file: z.string().regex(/^[0-9A-Za-z_-][0-9A-Za-z._-]{0,254}$/, {
        error: 'must be the plain name of a file in the secrets folder: no slashes and no dot at its beginning',
      }),
    })
    .meta({ description: "A file in the worker's secrets folder." }),
] as const;

type SecretSchema = z.ZodUnion<readonly [z.ZodString, ...typeof secretReference]>;

export interface SecretOptions {
  /** Whether an empty text is a secret too. Default: false. */
  allowEmpty?: boolean;
  /** Default: one line. */
  form?: SecretForm;
  /** A further rule for the text itself: what is wrong, without its value. */
  inline?: (value: string) => string | undefined;
}

/** A secret: the text itself, or where the worker finds it. */
export function secret({ allowEmpty = false, form = 'line', inline }: SecretOptions = {}): SecretSchema {
  const text = z
    .string()
    .superRefine((value, ctx) => {
      const message = inlineSecretFault(value, allowEmpty) ?? inline?.(value) ?? secretFault(value, form);
      if (message !== undefined) ctx.addIssue({ code: 'custom', message });
    })
    .meta({ format: 'password', ...(allowEmpty ? {} : { minLength: 1 }) });
  return z.union([text, ...secretReference]);
}

/** A header value that may hold a secret. */
export function headerValue(): SecretSchema {
  return secret({ inline: headerValueFault, form: 'lines' }); // the rule for headers is the stricter one, and knows tabs
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
  // Counting code points is only needed when the UTF-16 units alone are too many, and cannot help where even pairs are.
  if (value.length > max && (value.length > 2 * max || characters(value) > max)) {
    return `must be at most ${max} characters long`;
  }
  return min > 0 && isBlank(value) ? 'must not be empty' : undefined;
}
