import { z } from 'zod';
import { isJsonObject, type JsonObject } from '#libs/contracts/index.js';
import { firstObject, isId, isToken } from '../common/index.js';

const name = z.string().min(1);

/** An id as it comes; the documents show UUIDs, and promise nothing. */
const id = z.string().refine(isId);

/** The list of the Domain API (`docs/vendors/liveperson.md` §3). */
const baseUris = z.looseObject({ baseURIs: z.array(z.looseObject({ service: name, baseURI: name })) });

/** The login's answer (`docs/vendors/liveperson.md` §4). */
const session = z.looseObject({
  bearer: z.string().refine(isToken),
  config: z
    .looseObject({
      isAdmin: z.boolean().optional().catch(undefined),
      isLPA: z.boolean().optional().catch(undefined),
    })
    .optional(),
});

/** An installation (`docs/vendors/liveperson.md` §5.5). `id` and `client_id` are the same in practice; either is enough. */
const app = z
  .looseObject({
    id: id.optional(),
    client_id: id.optional(),
    client_name: z.string(),
    client_secret: name.optional().catch(undefined),
    client_id_issued_at: z.number().optional().catch(undefined),
    deleted: z.boolean().optional().catch(undefined),
    is_internal: z.boolean().optional().catch(undefined),
  })
  .refine(({ id, client_id }) => id !== undefined || client_id !== undefined);

/** A create may answer with less than the resource (`docs/vendors/liveperson.md` §13). */
const created = z.looseObject({
  id: id.optional().catch(undefined),
  client_id: id.optional().catch(undefined),
  client_secret: name.optional().catch(undefined),
});

const token = z.looseObject({ access_token: name });

const jwtHeader = z.looseObject({ alg: z.string() });
const jwtClaims = z.looseObject({
  aud: z.union([z.string(), z.number(), z.array(z.string())]).optional(),
  azp: z.string().optional(),
  iss: z.string().optional(),
  exp: z.number().optional(),
  scope: z.union([z.string(), z.array(z.string())]).optional(),
});

const texts = z
  .union([z.string(), z.array(z.string())])
  .optional()
  .catch(undefined);
const code = z.union([z.string(), z.number()]).optional().catch(undefined);

/** What refusals of LivePerson's services have been seen to carry (`docs/vendors/liveperson.md` §10); none of it is documented for installs. */
const refusal = z.looseObject({
  error_description: texts,
  message: texts,
  messages: texts,
  title: texts,
  detail: texts,
  details: texts,
  internalCode: code,
  errorCode: code,
});

/** An installation as LivePerson sends it, all fields kept, secrets among them: it does not leave this folder. */
export interface RawApp {
  id: string;
  clientId: string;
  /** Undefined where LivePerson does not show it. */
  clientSecret: string | undefined;
  fields: JsonObject;
  /** Seconds since the epoch; 0 when it is not given. */
  issuedAt: number;
  isDeleted: boolean;
  isInternal: boolean;
}

/** What Sentinel says about a token, unverified. */
export interface TokenClaims {
  algorithm: string;
  audiences: string[];
  clientId: string | undefined;
  issuer: string;
  /** Seconds since the epoch. */
  expiresAt: number;
  scopes: string[];
}

/** Hosts by service; undefined when the answer is no such list. */
export function parseBaseUris(json: unknown): ReadonlyMap<string, string> | undefined {
  const parsed = baseUris.safeParse(json);
  return parsed.success ? new Map(parsed.data.baseURIs.map(({ service, baseURI }) => [service, baseURI])) : undefined;
}

export function parseSession(json: unknown): { bearer: string; mayInstall: boolean } | undefined {
  const parsed = session.safeParse(json);
  if (!parsed.success) return undefined;
  const { bearer, config } = parsed.data;
  return { bearer, mayInstall: config?.isAdmin === true || config?.isLPA === true };
}

export function parseApp(json: unknown): RawApp | undefined {
  const parsed = app.safeParse(json);
  if (!parsed.success) return undefined;
  const { id, client_id: clientId, client_secret: clientSecret, client_id_issued_at: issuedAt } = parsed.data;
  return {
    id: id ?? clientId ?? '',
    clientId: clientId ?? id ?? '',
    clientSecret,
    // What the schema does not name passes; all of it came out of JSON.
    fields: json as JsonObject,
    issuedAt: issuedAt ?? 0,
    isDeleted: parsed.data.deleted === true,
    isInternal: parsed.data.is_internal === true,
  };
}

/** Items of a list before each is parsed; undefined when the answer is no list: `{}` must never read as "no app". */
export function parseList(json: unknown): unknown[] | undefined {
  return Array.isArray(json) ? json : undefined;
}

/** What a create returned of the new app; undefined when it named no id. */
export function parseCreated(
  json: unknown,
): { id: string; clientId: string; clientSecret: string | undefined } | undefined {
  const { id, client_id: clientId, client_secret: clientSecret } = created.safeParse(json).data ?? {};
  const either = id ?? clientId;
  return either === undefined ? undefined : { id: either, clientId: clientId ?? either, clientSecret };
}

export function parseToken(json: unknown): string | undefined {
  return token.safeParse(json).data?.access_token;
}

/** The claims of a JWT, its signature unchecked (`docs/vendors/liveperson.md` §8.1: optional); undefined when it is none. */
export function parseJwt(jwt: string): TokenClaims | undefined {
  const [header, payload, signature] = jwt.split('.').map((part, i) => (i < 2 ? decodePart(part) : part));
  const head = jwtHeader.safeParse(header);
  const claims = jwtClaims.safeParse(payload);
  if (!head.success || !claims.success || signature === undefined) return undefined;
  const { aud, azp, iss, exp, scope } = claims.data;
  return {
    algorithm: head.data.alg,
    audiences: aud === undefined ? [] : [aud].flat().map(String),
    clientId: azp,
    issuer: iss ?? '',
    expiresAt: exp ?? 0,
    scopes: scope === undefined ? [] : [scope].flat().flatMap((each) => each.split(' ')),
  };
}

/** What a refusal says, as far as it can be read; nobody branches on it. */
export function parseRefusal(answer: unknown): { code: string | null; text: string | undefined } {
  const json = firstObject(answer);
  if (!json) return { code: null, text: undefined };
  const { error, body } = json;
  // Sister APIs wrap it in `error` or `body`; Sentinel's `error` is RFC 6749's word.
  const inner = isJsonObject(error) ? error : isJsonObject(body) ? body : json;
  const found = refusal.safeParse(inner).data ?? {};
  const said = [found.error_description, found.message, found.messages, found.title, found.detail, found.details];
  const text = said.flatMap((each) => each ?? []).join(' ');
  const vendorCode = found.internalCode ?? found.errorCode ?? (typeof error === 'string' ? error : undefined);
  return { code: vendorCode === undefined ? null : String(vendorCode), text: text === '' ? undefined : text };
}

function decodePart(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as unknown;
  } catch {
    return undefined; // no JWT: the schema says so
  }
}
