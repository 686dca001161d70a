import { describe, expect, it } from 'vitest';
import type { JsonObject } from './json.js';
import { EGAIN_API, SINCH_EU, useSandbox } from './testing/client.js';
import { livepersonClient } from './testing/liveperson.js';

const bench = useSandbox({ seed: false });
const liveperson = livepersonClient(bench);

/** The names of all authentications in the order of the list, page by page. */
async function egainNames(): Promise<unknown[]> {
  const names: unknown[] = [];
  for (let page = 1; page <= 4; page++) {
    const { body } = await bench.egain('GET', `${EGAIN_API}/authentications?$pagenum=${page}&$pagesize=5`);
    names.push(...(body.authentication as JsonObject[]).map(({ name }) => name));
  }
  return names;
}

async function sinchNames(): Promise<unknown[]> {
  const { body } = await bench.sinch('GET', `${SINCH_EU}/apps`);
  return (body.apps as JsonObject[]).map((app) => app['display_name']);
}

async function livepersonNames(): Promise<unknown[]> {
  return (await liveperson.list()).map((app) => app['client_name']);
}

const VENDORS = [
  { vendor: 'egain', kind: 'authentication', by: 'name', names: egainNames },
  { vendor: 'sinch', kind: 'app', by: 'display_name', names: sinchNames },
  { vendor: 'liveperson', kind: 'app', by: 'client_name', names: livepersonNames },
] as const;

describe.each(VENDORS)('the lists of $vendor', ({ vendor, kind, by, names }) => {
  const made = Array.from({ length: 18 }, (_, n) => `made-${n}`);

  it('stand in the order of a knob, and hold the same objects in each', async () => {
    bench.sandbox.insert(
      vendor,
      kind,
      made.map((name) => ({ [by]: name })),
    );
    expect(await names()).toEqual(made);
    bench.sandbox.setKnobs({ [vendor]: { listOrder: 'newest' } });
    expect(await names()).toEqual(made.toReversed());
    bench.sandbox.setKnobs({ [vendor]: { listOrder: 'none' } });
    const without = await names();
    expect(new Set(without)).toEqual(new Set(made));
    expect(without).not.toEqual(made);
    expect(without).not.toEqual(made.toReversed());
    expect(await names(), 'the same every time').toEqual(without);
  });

  it('show what is made and removed meanwhile, in every order', async () => {
    const [first = ''] = bench.sandbox.insert(
      vendor,
      kind,
      made.slice(0, 3).map((name) => ({ [by]: name })),
    );
    for (const listOrder of ['oldest', 'newest', 'none'] as const) {
      bench.sandbox.setKnobs({ [vendor]: { listOrder } });
      const [more = ''] = bench.sandbox.insert(vendor, kind, [{ [by]: `more-${listOrder}` }]);
      expect(await names()).toContain(`more-${listOrder}`);
      bench.sandbox.remove(vendor, kind, more);
      expect(await names()).not.toContain(`more-${listOrder}`);
    }
    bench.sandbox.remove(vendor, kind, first);
    expect(await names()).toHaveLength(2);
  });
});
