import { z } from 'zod';
import type { JsonObject } from '#libs/contracts/index.js';
import { firstObject, isId, isUuid } from '../common/index.js';
import type { EgainKind } from './kinds.js';

/** The id of an object that stands, as it comes: whoever made it. A number is taken too. */
const id = z.union([z.string(), z.number().transform(String)]).refine(isId);

/** Answer of a create (`docs/vendors/egain.md` §6); an id is a UUID of 36 characters (`docs/vendors/egain.md` §2). */
const created = z.looseObject({ id: z.string().refine(isUuid) });

const paginationInfo = z.looseObject({ count: z.coerce.number().int().min(0) });

const time = z.string().optional().catch(undefined);

/** What is needed of an object; the rest passes. Its natural key must be there: without it nobody could be told apart. */
const objectBy = {
  name: z.looseObject({ id, created: time, modified: time, name: z.string() }),
  type: z.looseObject({ id, created: time, modified: time, type: z.string() }),
} as const;

/** Error body (`docs/vendors/egain.md` §9.1). Tolerant: a gateway may send anything, and `code` may be a number. */
const refusal = z.looseObject({
  code: z
    .union([z.string(), z.number().transform(String)])
    .optional()
    .catch(undefined),
  developerMessage: z.string().optional().catch(undefined),
  userMessage: z.string().optional().catch(undefined),
  details: z
    .array(z.looseObject({ key: z.string(), value: z.unknown().optional() }))
    .optional()
    .catch(undefined),
});

/** An object as eGain sends it, all fields kept, secrets among them: it does not leave the resources' code. */
export interface RawObject {
  id: string;
  /** RFC 3339; empty when the vendor sent none. */
  created: string;
  modified: string | undefined;
  /** The value of the kind's key field. */
  key: string;
  fields: JsonObject;
}

/** One page of a list. */
export interface RawPage {
  objects: RawObject[];
  /** Number of all objects; undefined when the vendor sent no `paginationInfo`. */
  count: number | undefined;
}

/** What a refusal says. */
export interface RawRefusal {
  code: string | null;
  text: string | undefined;
  details: { key: string; value: string }[];
}

/** One object; undefined when the answer is none of this kind. */
export function parseObject(kind: EgainKind, json: unknown): RawObject | undefined {
  const parsed = objectBy[kind.keyField].safeParse(json);
  if (!parsed.success) return undefined;
  const { id: own, created: at, modified } = parsed.data;
  // What the schema does not name passes; all of it came out of JSON.
  const fields = json as JsonObject;
  return { id: own, created: at ?? '', modified, key: fields[kind.keyField] as string, fields };
}

/** A page of a list; undefined when the answer is no list of this kind, or holds an object that is none. */
export function parsePage(kind: EgainKind, json: unknown): RawPage | undefined {
  const envelope = z
    .looseObject({ [kind.name]: z.array(z.unknown()), paginationInfo: paginationInfo.optional().catch(undefined) })
    .safeParse(json);
  if (!envelope.success) return undefined;
  const objects: RawObject[] = [];
  for (const item of envelope.data[kind.name] as unknown[]) {
    const object = parseObject(kind, item);
    if (!object) return undefined;
    objects.push(object);
  }
  return { objects, count: (envelope.data.paginationInfo as { count: number } | undefined)?.count };
}

/**
 * The new id: from the body, else the last segment of `Location` (`docs/vendors/egain.md` §2); undefined when neither names one that
 * can be: a collection's own address tells of no object.
 */
export function parseCreatedId(json: unknown, location: string | undefined): string | undefined {
  const body = created.safeParse(json);
  if (body.success) return body.data.id;
  const segment = location?.split(/[?#]/)[0]?.split('/').at(-1);
  return segment !== undefined && isUuid(segment) ? segment : undefined;
}

/** What a refusal says, as far as it can be read. `userMessage` is for people and comes first. */
export function parseRefusal(json: unknown): RawRefusal {
  const { code, developerMessage, userMessage, details } = refusal.safeParse(firstObject(json)).data ?? {};
  return {
    code: code ?? null,
    text: userMessage ?? developerMessage,
    details: (details ?? []).map(({ key, value }) => ({
      key,
      value: typeof value === 'string' ? value : JSON.stringify(value ?? ''),
    })),
  };
}
