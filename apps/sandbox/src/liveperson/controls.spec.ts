import { describe, expect, it } from 'vitest';
import type { FaultRuleInput } from '../faults/rules.js';
import { useSandbox } from '../testing/client.js';
import { ACCOUNT, connector, livepersonClient, textIn } from '../testing/liveperson.js';

const bench = useSandbox();
const client = livepersonClient(bench);

const isEnabled = async (id: string): Promise<unknown> => (await client.apps('GET', `/${id}`)).body.enabled;
const revision = async (): Promise<number> => Number((await client.apps('GET')).headers['ac-revision']);

describe('the vendor', () => {
  it('switches an app off by itself, once', async () => {
    bench.sandbox.setKnobs({ liveperson: { disabledAfterSeconds: 120 } });
    const id = textIn(await client.create(), 'id');
    const before = await revision();
    bench.sandbox.clock.advance(119_000);
    expect(await isEnabled(id)).toBe(true);
    bench.sandbox.clock.advance(2000);
    expect(await isEnabled(id)).toBe(false);
    expect(await revision()).toBe(before + 1);
    await client.write('PUT', id, connector());
    expect(await isEnabled(id)).toBe(true);
  });
});

describe('the controls', () => {
  it('put apps in place, change and remove them without any check', async () => {
    const [id = ''] = bench.sandbox.insert('liveperson', 'app', [{ client_name: '', client_secret: 's', nonsense: 1 }]);
    expect(bench.sandbox.edit('liveperson', 'app', id, { client_name: 'x', is_internal: true })).toMatchObject({
      client_name: 'x',
      client_secret: 's',
      nonsense: 1,
      is_internal: true,
    });
    bench.sandbox.remove('liveperson', 'app', id);
    expect(await client.list()).toEqual([]);
    const [other] = bench.sandbox.insert('liveperson', 'app', [{ id: 'given' }], '87654321');
    expect(other).toBe('given');
    expect(() => bench.sandbox.insert('liveperson', 'app', [{ id: 'given' }], '87654321')).toThrow('taken');
    expect(() => bench.sandbox.insert('liveperson', 'app', [], '9')).toThrow('scope');
    expect(() => bench.sandbox.insert('liveperson', 'webhook', [])).toThrow('kind');
    expect(() => bench.sandbox.remove('liveperson', 'app', 'nope')).toThrow('nope');
  });
});

describe('a fault rule', () => {
  const onCreate = (effect: FaultRuleInput['effect']): void =>
    bench.sandbox.setFaults([{ match: { vendor: 'liveperson', resource: 'app', operation: 'create' }, effect }]);

  it('applies a create and drops the connection', async () => {
    const base = await bench.sandbox.listen(0);
    onCreate({ kind: 'reset-after' });
    const lost = fetch(`${base}/api/account/${ACCOUNT}/configuration/app-install/installations?v=1.0`, {
      method: 'POST',
      headers: { authorization: 'Bearer sandbox-lp-bearer', 'content-type': 'application/json' },
      body: JSON.stringify(connector()),
    });
    await expect(lost).rejects.toThrow('fetch failed');
    expect(await client.list()).toMatchObject([connector()]);
  });

  it.each([
    { reason: 'applied, then 500', effect: { kind: 'status', status: 500, apply: true }, made: 1 },
    { reason: 'a burst of 503', effect: { kind: 'status', status: 503 }, made: 0 },
    { reason: '429 with a time', effect: { kind: 'status', status: 429, headers: { 'retry-after': '3' } }, made: 0 },
  ] as const)('makes a create fail: $reason', async ({ effect, made }) => {
    onCreate({ ...effect });
    expect((await client.create()).status).toBe(effect.status);
    expect(await client.list()).toHaveLength(made);
  });
});
