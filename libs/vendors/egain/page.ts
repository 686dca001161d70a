import type { SeenObject } from '#libs/resources/contract.js';
import { withoutFields } from '../common/index.js';
import { toSeen } from './fields.js';
import type { EgainKind } from './kinds.js';
import { refsIn } from './reference-graph.js';
import { parsePage } from './schema.js';
import { SECRET_PATHS } from './secret-paths.js';

/** An object of a list. What its page holds besides is dropped with the page. */
export interface ListedObject {
  id: string;
  /** RFC 3339; empty when the vendor sent none. */
  created: string;
  modified: string | undefined;
  seen: SeenObject;
}

/** One page of a list. */
export interface ListedPage {
  objects: ListedObject[];
  /** Number of all objects; undefined when the vendor sent no `paginationInfo`. */
  count: number | undefined;
}

/** Reads an answer as a page; undefined when it is no list of this kind, or holds an object that is none. */
export function readPage(kind: EgainKind, json: unknown): ListedPage | undefined {
  const page = parsePage(kind, json);
  if (!page) return undefined;
  const secrets = SECRET_PATHS[kind.name];
  const objects = page.objects.map((raw) => {
    const { id, created, modified } = raw;
    const seen = { ...toSeen(raw, (fields) => withoutFields(fields, secrets)), refs: refsIn(kind, raw.fields) };
    return { id, created, modified, seen };
  });
  return { objects, count: page.count };
}
