import { describe, expect, it } from 'vitest';
import type { EgainKind } from './egain/resources.js';
import type { JsonObject } from './json.js';
import { SINCH_EU, useSandbox } from './testing/client.js';
import { bodyFor, createChain, type Ids, PATHS } from './testing/egain-bodies.js';

const MANY = 10_000;
const bench = useSandbox({ seed: false, knobs: { sinch: { requestsPerSecond: null } } });

describe('with 10,000 objects of each kind', () => {
  it('everything still works', { timeout: 60_000 }, async () => {
    const ids: Ids = await createChain(bench.egain);
    for (const kind of Object.keys(PATHS) as EgainKind[]) {
      const objects = Array.from({ length: MANY }, (_, n) => bodyFor(kind, ids, `many-${kind}-${n}`));
      expect(bench.sandbox.insert('egain', kind, objects)).toHaveLength(MANY);
    }
    const bearer = (n: number): JsonObject => ({ claimed_identity: `plan-${n}`, token: `token-${n}` });
    const apps = bench.sandbox.insert(
      'sinch',
      'app',
      Array.from({ length: MANY }, (_, n) => ({
        display_name: `App ${n}`,
        channel_credentials: [{ channel: 'SMS', static_bearer: bearer(n) }],
      })),
    );
    bench.sandbox.insert(
      'sinch',
      'webhook',
      apps.map((id) => ({ app_id: id, target: 'https://acme.example/hook', triggers: ['MESSAGE_INBOUND'] })),
    );

    for (const kind of Object.keys(PATHS) as EgainKind[]) {
      const seen = new Set<unknown>();
      const total = MANY + 1 + (kind === 'clientApplication' ? 1 : 0);
      for (let page = 1; page <= Math.ceil(total / 75); page += 1) {
        const { body } = await bench.egain('GET', `${PATHS[kind]}?$pagenum=${page}&$pagesize=75`);
        expect(body.paginationInfo).toMatchObject({ count: total });
        for (const { id } of body[kind] as JsonObject[]) seen.add(id);
      }
      expect(seen.size).toBe(total);
      const twin = await bench.egain('POST', PATHS[kind], bodyFor(kind, ids, `MANY-${kind}-9999`));
      expect(twin.status).toBe(kind === 'orchestration' ? 201 : 400);
      for (let n = 0; n < 20; n += 1) {
        const made = await bench.egain('POST', PATHS[kind], bodyFor(kind, ids, `fresh-${kind}-${n}`));
        expect(made.status).toBe(201);
      }
    }
    const refused = await bench.egain('DELETE', `${PATHS.authentication}/${ids.authentication}`);
    expect(refused.body.code).toBe('400-9903');

    for (let n = 0; n < 20; n += 1) {
      const made = await bench.sinch('POST', `${SINCH_EU}/apps`, { display_name: 'Fresh', channel_credentials: [] });
      expect(made.status).toBe(200);
    }
    const { body } = await bench.sinch('GET', `${SINCH_EU}/apps`);
    expect(body.apps).toHaveLength(MANY + 20);
    expect((await bench.sinch('GET', `${SINCH_EU}/apps/${apps[0] ?? ''}/webhooks`)).body.webhooks).toHaveLength(1);
    const { sinch } = bench.sandbox.state().objects;
    expect(sinch?.webhook).toHaveLength(MANY);
  });
});
