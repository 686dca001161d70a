import { z } from 'zod';
import { DEFAULT_DUE_MS, type JsonObject } from '#libs/contracts/index.js';
import { bodyFields } from '#libs/fields/body-fields.js';
import { body, identifier } from '#libs/fields/fields.js';
import { limitsOf } from '#libs/fields/limits.js';
import { textAt } from '#libs/fields/raw.js';
import { createReport } from '#libs/fields/rules.js';
import { HttpConnection } from '#libs/http/index.js';
import { createNodeFactory, ref } from '#libs/planning/index.js';
import type { VendorModule, VendorSection } from '#libs/vendors/module.js';
import { PARLEY, ParleyClient } from './client.js';
import { parleyConnection, type ParleyConnection } from './connection.js';
import { badge, brand, line } from './resources.js';
import type { ParleySpec } from './spec.js';

const lineSchema = body({ name: identifier(), greeting: identifier().optional() });

const section: VendorSection<ParleySpec, ParleySpec> = {
  schema: body({ brand: identifier(), line: lineSchema, badge: identifier() }).meta({ id: 'ParleySpec' }),
  rules: (given) => {
    const report = createReport('parley');
    if (textAt(given, 'badge') === textAt(given, 'line', 'name')) {
      report.error(['badge'], 'is the name of the line too: give the badge another one');
    }
    return report;
  },
  withDefaults: (input) => input,
  document: (given) => given,
  urls: [],
  secrets: [],
  bodies: [],
  headers: [],
  nodes: () => [
    ['parley.brand', 'brand'],
    ['parley.line', 'line'],
    ['parley.badge', 'badge'],
  ],
  placeOf: (key) => `/${key.replaceAll('.', '/')}`,
  fields: {
    brand: () => bodyFields(limitsOf(z.strictObject({ name: z.string() }))),
    line: () => bodyFields(limitsOf(lineSchema), ['brand']),
    badge: () => bodyFields(limitsOf(z.strictObject({ name: z.string() }))),
  },
};

/** A vendor that is not there: all that the engine needs of a fourth one is here, in the sandbox's twin and in the two lines of `register.ts`. */
export const parleyModule: VendorModule<ParleyClient, ParleyConnection> = {
  vendor: PARLEY.vendor,
  label: PARLEY.label,
  product: 'Parley Exchange',
  chain: { description: 'a line of Parley Exchange', beside: [] },
  connection: parleyConnection,
  section,
  place: ({ address, office }) => `${address} ${office}`,
  facts: ({ office }): JsonObject => ({ office }),
  plan: (spec, given, ctx) => {
    const wanted = given as ParleySpec;
    const factory = createNodeFactory(spec, ctx, PARLEY, spec.connections.parley ?? '');
    const marked = (key: string, fields: JsonObject): { marker: string; body: JsonObject } => {
      return { marker: factory.marker(key), body: { ...fields, note: factory.marker(key) } };
    };
    const office = ctx.facts['parley']?.['office'] ?? null;
    const where = `at the office ${typeof office === 'string' ? office : 'of the connection'}`;
    return [
      factory.node({
        key: 'parley.brand',
        resource: 'brand',
        title: 'Brand',
        ...marked('parley.brand', { name: wanted.brand }),
      }),
      factory.node({
        key: 'parley.line',
        resource: 'line',
        title: 'Line',
        ...marked('parley.line', { ...wanted.line, brand: ref('parley.brand') }),
      }),
      factory.node({
        key: 'parley.badge',
        resource: 'badge',
        title: 'Badge',
        body: { name: wanted.badge, line: ref('parley.line') },
        person: {
          asks: {
            install: `Have a badge made ${where}. Then hand back passport and watchword.`,
            update: `Have the badge changed ${where}.`,
            remove: `Hand the badge in ${where}.`,
          },
          dueInMs: DEFAULT_DUE_MS,
        },
      }),
    ];
  },
  resources: [brand, line, badge],
  connect: (settings, meter) => {
    const connection = new HttpConnection(settings.limits, meter?.call);
    const client = new ParleyClient(settings, connection, meter);
    return {
      client,
      close: async () => {
        client.lists.close();
        await connection.close();
      },
    };
  },
};
