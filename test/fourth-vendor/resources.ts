import { isJsonObject, parseMarker, type JsonObject } from '#libs/contracts/index.js';
import type { Resource, SeenObject } from '#libs/resources/contract.js';
import {
  differences,
  layOver,
  listedResource,
  pathKind,
  textOf,
  type CallPurpose,
  type FieldRules,
} from '#libs/vendors/common/index.js';
import { PARLEY, type ParleyClient } from './client.js';

const RULES: FieldRules = { secrets: [], ignored: ['note', 'line', 'brand'], defaults: {}, sets: {} };

interface Kind {
  name: 'brand' | 'line' | 'badge';
  shared: boolean;
  fields: readonly string[];
}

/** What all three kinds have in common. */
function resource(kind: Kind, more: Partial<Resource<ParleyClient>> = {}): Resource<ParleyClient> {
  const path = `/${kind.name}s`;
  const binding: Omit<Resource<ParleyClient>, 'list'> = {
    vendor: PARLEY.vendor,
    name: kind.name,
    uniqueKey: true,
    shared: kind.shared,
    marked: true,
    exists: true,
    secrets: [],
    key: (body) => textOf(body['name']),
    scope: () => undefined,
    get: async (client, id, { signal }) => {
      const purpose: CallPurpose = { resource: kind.name, operation: 'get', externalId: id };
      const raw = await client.demandIfThere({ ...purpose, method: 'GET', path: `${path}/${id}`, signal });
      return raw && toSeen(raw);
    },
    create: async (client, body) => {
      const made = await client.demand({ resource: kind.name, operation: 'create', method: 'POST', path, body });
      return { id: textOf(made['id']) };
    },
    update: async (client, seen, desired) => {
      const purpose: CallPurpose = { resource: kind.name, operation: 'update', externalId: seen.id };
      const body = layOver(desired, seen.body, RULES);
      await client.demand({ ...purpose, method: 'PUT', path: `${path}/${seen.id}`, body });
    },
    remove: async (client, id) => {
      const purpose: CallPurpose = { resource: kind.name, operation: 'delete', externalId: id };
      await client.demandIfThere({ ...purpose, method: 'DELETE', path: `${path}/${id}` });
    },
    diff: (desired, seen) => differences(desired, seen.body, RULES),
    pathKind: (name) => pathKind(name, { fields: kind.fields, secrets: [] }),
    former: (seen) => seen.body,
    ...more,
  };
  return listedResource(binding, (client) => ({
    kind: kind.name,
    scope: undefined,
    read: (pages) =>
      pages.page(async (options) => {
        const purpose: CallPurpose = { resource: kind.name, operation: 'list' };
        const { items } = await client.demand({ ...purpose, ...options, method: 'GET', path });
        if (!Array.isArray(items)) throw new TypeError('Parley has sent no list');
        return items.filter(isJsonObject).map(toSeen);
      }),
  }));
}

function toSeen({ id, madeAt, ...body }: JsonObject): SeenObject {
  return {
    id: textOf(id),
    key: textOf(body['name']),
    marker: parseMarker(textOf(body['note'])),
    age: textOf(madeAt),
    body,
  };
}

/** Used by several accounts: one that stands is used as it is. */
export const brand = resource(
  { name: 'brand', shared: true, fields: ['name'] },
  {
    referrers: async (client, id) => {
      const { items } = await client.demand({ resource: 'line', operation: 'list', method: 'GET', path: '/lines' });
      const lines = Array.isArray(items) ? items.filter(isJsonObject) : [];
      return lines
        .filter((line) => line['brand'] === id)
        .map((line) => ({ resource: 'line', externalId: textOf(line['id']), name: textOf(line['name']) }));
    },
  },
);

export const line = resource({ name: 'line', shared: false, fields: ['name', 'greeting', 'brand'] });

/** There is no API to make one: a person does, and hands back what Parley shows. */
export const badge = resource(
  { name: 'badge', shared: false, fields: ['name'] },
  {
    marked: false,
    issues: ['passport', 'watchword'],
    issued: async (client, id) => {
      const raw = await client.demandIfThere({
        resource: 'badge',
        operation: 'get',
        method: 'GET',
        path: `/badges/${id}`,
      });
      return raw ? { passport: id } : {};
    },
    create: () => Promise.reject(new TypeError('no API makes a badge')),
    person: {
      file: (body) => JSON.stringify({ badge: body['name'] ?? null }),
      returns: [
        { name: 'passport', secret: true },
        { name: 'watchword', secret: true },
      ],
      check: async (client, { kind, given, known }) => {
        const { passport = '', watchword = '' } = given ?? known?.issued ?? {};
        const taken = await client.takes(passport, watchword);
        if (kind === 'remove') {
          if (taken) return { state: 'refused', message: 'The badge still opens the door.' };
          return { state: 'accepted', id: passport, level: 'verified', message: 'Parley does not know it any more' };
        }
        if (!taken) return { state: 'refused', message: 'Parley does not take the watchword.' };
        return { state: 'accepted', id: passport, level: 'verified', message: 'Parley takes its word' };
      },
    },
  },
);
