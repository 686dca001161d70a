import { z } from 'zod';
import { isObject, type JsonObject, parseJson } from '#apps/sandbox/src/json.js';
import {
  ControlError,
  segments,
  type CallTarget,
  type Operation,
  type Vendor,
  type VendorCall,
  type VendorModule,
  type VendorReply,
} from '#apps/sandbox/src/vendor.js';

const KINDS = ['brand', 'line', 'badge'] as const;
type Kind = (typeof KINDS)[number];

const knobs = z.strictObject({ delayMs: z.number().default(0) }).prefault({});

/** Words of the badges that a person has made, and the pass of the office. */
export const PASS = 'sandbox-parley-pass';

/** Parley in memory: brands and lines by its API, badges by a person at its desk. */
export class ParleyVendor implements Vendor {
  private held = new Map<Kind, Map<string, JsonObject>>();
  private count = 0;

  constructor() {
    this.reset();
  }

  identify(method: string, path: string): CallTarget {
    const [list = '', id] = segments(path);
    if (list === 'words') return { resource: 'badge', operation: 'get' };
    const operations: Record<string, Operation> = {
      GET: id === undefined ? 'list' : 'get',
      POST: 'create',
      PUT: 'update',
      DELETE: 'delete',
    };
    return { resource: list.replace(/s$/, ''), operation: operations[method] ?? 'unknown' };
  }

  handle({ method, path, headers, body }: VendorCall): VendorReply {
    if (headers.authorization !== `Pass ${PASS}`) return said(401, { error: 'the pass is unknown' });
    const [list = '', id] = segments(path);
    const given = parseJson(body);
    const fields: JsonObject = isObject(given) ? given : {};
    if (list === 'words') {
      const standing = this.of('badge').get(text(fields['passport']));
      if (!standing) return said(404, { error: 'there is no such badge' });
      return standing['watchword'] === fields['watchword'] ? said(200, {}) : said(403, { error: 'the word is wrong' });
    }
    const kind = KINDS.find((each) => `${each}s` === list);
    if (!kind) return said(404, { error: 'there is no such thing' });
    const objects = this.of(kind);
    if (id === undefined) {
      if (method === 'GET') return said(200, { items: [...objects.values()].map(shown) });
      if (kind === 'badge') return said(400, { error: 'badges are made at the desk' });
      if ([...objects.values()].some(({ name }) => name === fields['name']))
        return said(409, { error: 'the name is taken' });
      const made = this.put(kind, fields);
      return { ...said(201, { id: made }), changed: true, objectId: made };
    }
    const standing = objects.get(id);
    if (!standing) return said(404, { error: 'it is not there' });
    if (method === 'GET') return said(200, shown(standing));
    if (method === 'PUT') objects.set(id, { ...fields, id, madeAt: standing['madeAt'] ?? null });
    else objects.delete(id);
    return { ...said(200, {}), changed: true, objectId: id };
  }

  objects(): Record<Kind, JsonObject[]> {
    return { brand: this.all('brand'), line: this.all('line'), badge: this.all('badge') };
  }

  insert(kind: string, objects: JsonObject[]): string[] {
    return objects.map((object) => this.put(kindOf(kind), object));
  }

  edit(kind: string, id: string, patch: JsonObject): JsonObject {
    const standing = this.of(kindOf(kind)).get(id);
    if (!standing) throw new ControlError(404, `there is no ${kind} ${id}`);
    const changed = { ...standing, ...patch };
    this.of(kindOf(kind)).set(id, changed);
    return changed;
  }

  remove(kind: string, id: string): void {
    this.of(kindOf(kind)).delete(id);
  }

  revokeTokens(): number {
    return 0;
  }

  reset(): void {
    this.held = new Map(KINDS.map((kind) => [kind, new Map<string, JsonObject>()]));
  }

  keep(): unknown {
    return this.held;
  }

  restore(kept: unknown): void {
    this.held = kept as Map<Kind, Map<string, JsonObject>>;
  }

  private of(kind: Kind): Map<string, JsonObject> {
    const objects = this.held.get(kind);
    if (!objects) throw new TypeError(`there is no kind ${kind}`);
    return objects;
  }

  private all(kind: Kind): JsonObject[] {
    return [...this.of(kind).values()];
  }

  private put(kind: Kind, fields: JsonObject): string {
    this.count += 1;
    const number = String(this.count).padStart(8, '0');
    const id = `${kind}-${number}`;
    this.of(kind).set(id, { ...fields, id, madeAt: number });
    return id;
  }
}

export const parley: VendorModule<z.output<typeof knobs>> = {
  prefixes: ['/parley'],
  knobs,
  create: () => new ParleyVendor(),
};

function shown({ watchword: _watchword, ...object }: JsonObject): JsonObject {
  return object;
}

function said(status: number, body: JsonObject): VendorReply {
  return { status, body: JSON.stringify(body) };
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function kindOf(name: string): Kind {
  const kind = KINDS.find((each) => each === name);
  if (!kind) throw new ControlError(400, `kind: one of ${KINDS.join(', ')}; not ${name}`);
  return kind;
}
