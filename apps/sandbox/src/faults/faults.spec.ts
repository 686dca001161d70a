import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../json.js';
import { createSandbox, type Sandbox } from '../server.js';
import { egainToken, MANAGE } from '../testing/client.js';
import { bodyFor, NO_IDS, PATHS } from '../testing/egain-bodies.js';
import type { FaultRuleInput } from './rules.js';

let sandbox: Sandbox;
let base = '';
let authorization = '';
beforeEach(async () => {
  sandbox = await createSandbox({ seed: false });
  base = await sandbox.listen(0);
  authorization = `Bearer ${await egainToken(sandbox, MANAGE)}`;
});
afterEach(() => sandbox.close());

const body = bodyFor('channel', NO_IDS, 'custom.faulty');
const post = (signal?: AbortSignal, sent: JsonObject = body): Promise<Response> =>
  fetch(`${base}${PATHS.channel}`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify(sent),
    ...(signal && { signal }),
  });
const channels = (): JsonObject[] => sandbox.state().objects.egain?.channel ?? [];
const rule = (effect: FaultRuleInput['effect'], more: Partial<FaultRuleInput> = {}): void =>
  sandbox.setFaults([{ id: 'test', match: { resource: 'channel', operation: 'create' }, effect, ...more }]);
const lastCall = (): unknown => sandbox.state().ledger.at(-1);

/** Sends the call and gives up as soon as the sandbox shows what is waited for. */
async function abandon(until: () => boolean): Promise<void> {
  const aborter = new AbortController();
  const outcome = expect(post(aborter.signal)).rejects.toThrow('aborted');
  await expect.poll(until).toBe(true);
  aborter.abort();
  await outcome;
}
const isPending = (): boolean => sandbox.state().pending === 1;

describe('an effect', () => {
  it.each([
    [{ kind: 'refuse' }, false],
    [{ kind: 'refuse', cut: 'close' }, false],
    [{ kind: 'reset-before' }, false],
    [{ kind: 'reset-after' }, true],
    [{ kind: 'reset-after', cut: 'close' }, true],
  ] as const)('%j cuts the connection; applied: %s', async (effect, applied) => {
    rule(effect, { nth: 1 });
    await expect(post()).rejects.toThrow('fetch failed');
    expect(channels()).toHaveLength(applied ? 1 : 0);
    expect(lastCall()).toMatchObject({ operation: 'create', status: null, applied, fault: 'test' });
    expect((await post(undefined, { ...body, type: 'custom.next' })).status).toBe(201);
  });

  it('refuse acts before the body has come', async () => {
    rule({ kind: 'refuse', cut: 'close' });
    const { port } = new URL(base);
    const ended = new Promise<string>((resolve, reject) => {
      let received = '';
      const socket = connect(Number(port), '127.0.0.1', () => {
        socket.write(`POST ${PATHS.channel} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000000\r\n\r\n`);
      });
      socket.setEncoding('utf8').on('data', (text: string) => (received += text));
      socket.on('close', () => resolve(received)).on('error', reject);
    });
    expect(await ended).toBe('');
  });

  it('delay answers later, with the effect at the end or at once', async () => {
    rule({ kind: 'delay', ms: 50 });
    const answer = post();
    await expect.poll(() => sandbox.state().pending).toBe(1);
    expect(channels()).toHaveLength(0);
    expect((await answer).status).toBe(201);
    expect(channels()).toHaveLength(1);

    rule({ kind: 'delay', ms: 60_000, effectFirst: true });
    const aborter = new AbortController();
    const second = post(aborter.signal, { ...body, type: 'custom.second' });
    await expect.poll(() => channels().length).toBe(2);
    expect(sandbox.state().pending).toBe(1);
    aborter.abort();
    await expect(second).rejects.toThrow('aborted');
  });

  it('delay applies also when the client has given up', async () => {
    rule({ kind: 'delay', ms: 500 });
    await abandon(isPending);
    expect(channels()).toHaveLength(0);
    await sandbox.settled();
    expect(channels()).toHaveLength(1);
  });

  it.each([false, true])('status gives any answer; with apply = %s', async (apply) => {
    rule({
      kind: 'status',
      status: 503,
      body: '<h1>busy</h1>',
      contentType: 'text/html',
      headers: { 'retry-after': '7' },
      apply,
    });
    const answer = await post();
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('7');
    expect(answer.headers.get('content-type')).toBe('text/html');
    expect(await answer.text()).toBe('<h1>busy</h1>');
    expect(channels()).toHaveLength(apply ? 1 : 0);
    expect(lastCall()).toMatchObject({ status: 503, applied: apply, fault: 'test' });
  });

  it('status takes JSON and nothing for a body', async () => {
    rule({ kind: 'status', status: 429, body: { code: '429-001' } });
    expect(await (await post()).json()).toEqual({ code: '429-001' });
    rule({ kind: 'status', status: 504 });
    expect(await (await post()).text()).toBe('');
  });

  it('truncated applies and breaks off within the answer', async () => {
    rule({ kind: 'truncated' });
    const answer = await post();
    expect(answer.status).toBe(201);
    await expect(answer.text()).rejects.toThrow('terminated');
    expect(channels()).toHaveLength(1);
  });

  it('truncated works for an answer without a body too', async () => {
    const { id } = (await (await post()).json()) as { id: string };
    sandbox.setFaults([{ match: { operation: 'delete' }, effect: { kind: 'truncated' } }]);
    const answer = await fetch(`${base}${PATHS.channel}/${id}`, { method: 'DELETE', headers: { authorization } });
    await expect(answer.text()).rejects.toThrow('terminated');
    expect(channels()).toHaveLength(0);
  });

  it('body applies and answers 2xx with something else', async () => {
    rule({ kind: 'body', body: '<html>', contentType: 'text/html' });
    const answer = await post();
    expect([answer.status, await answer.text()]).toEqual([201, '<html>']);
    rule({ kind: 'body' });
    expect(await (await post(undefined, { ...body, type: 'custom.second' })).text()).toBe('');
    expect(channels()).toHaveLength(2);
  });

  it('late applies after the client has gone', async () => {
    rule({ kind: 'late', ms: 500, reply: 'hang' });
    await abandon(isPending);
    expect(channels()).toHaveLength(0);
    await sandbox.settled();
    expect(channels()).toHaveLength(1);
    expect(sandbox.state().pending).toBe(0);
    expect(lastCall()).toMatchObject({ applied: true, status: null });
  });

  it('late may reset or answer at once, and is called off by a reset', async () => {
    rule({ kind: 'late', ms: 20, reply: 'reset' });
    await expect(post()).rejects.toThrow('fetch failed');
    await sandbox.settled();
    expect(channels()).toHaveLength(1);
    rule({ kind: 'late', ms: 60_000, reply: { status: 504, body: 'gateway' } });
    expect((await post(undefined, { ...body, type: 'custom.second' })).status).toBe(504);
    expect(sandbox.state().pending).toBe(1);
    sandbox.reset();
    await sandbox.settled();
    expect(sandbox.state().pending).toBe(0);
    expect(channels()).toHaveLength(0);
  });

  it('hang never answers and never applies', async () => {
    rule({ kind: 'hang' });
    await abandon(() => sandbox.faults()[0]?.hits === 1);
    expect(channels()).toHaveLength(0);
    expect(lastCall()).toMatchObject({ status: null, applied: false });
  });
});

describe('a rule', () => {
  const statuses = async (count: number): Promise<number[]> => {
    const seen: number[] = [];
    for (let n = 0; n < count; n += 1) seen.push((await post(undefined, { ...body, type: `custom.${n}` })).status);
    return seen;
  };
  const busy = { kind: 'status', status: 503 } as const;
  const hits = (seen: number[]): number[] => seen.flatMap((status, index) => (status === 503 ? [index + 1] : []));

  it.each([
    [{ nth: 2 }, [2]],
    [{ nth: [1, 3] }, [1, 3]],
    [{ from: 3 }, [3, 4, 5]],
    [{ times: 2 }, [1, 2]],
    [{ from: 2, times: 1 }, [2]],
    [{}, [1, 2, 3, 4, 5]],
  ] as const)('with %j hits its calls', async (when, expected) => {
    rule(busy, { ...when } as Partial<FaultRuleInput>);
    expect(hits(await statuses(5))).toEqual(expected);
    expect(sandbox.faults()[0]).toMatchObject({ id: 'test', seen: 5, hits: expected.length });
  });

  it('with a share draws the same calls for the same seed', async () => {
    const series = [];
    for (const seed of [7, 7, 8]) {
      sandbox.reset();
      authorization = `Bearer ${await egainToken(sandbox, MANAGE)}`;
      rule(busy, { share: 0.5, seed });
      series.push(hits(await statuses(20)));
    }
    expect(series[0]).toEqual(series[1]);
    expect(series[0]).not.toEqual(series[2]);
    expect(series[0]?.length).toBeGreaterThan(0);
    expect(series[0]?.length).toBeLessThan(20);
  });

  it.each([
    [{ vendor: 'egain' }, true],
    [{ vendor: 'sinch' }, false],
    [{ resource: 'account' }, false],
    [{ method: 'post' }, true],
    [{ method: 'PUT' }, false],
    [{ path: '/v3/channels$' }, true],
    [{ path: '^/sinch' }, false],
    [{ bodyContains: 'custom.0' }, true],
    [{ bodyContains: 'custom.1' }, false],
    [{ vendor: 'egain', resource: 'channel', operation: 'create', method: 'POST', bodyContains: 'Acme' }, true],
    [{}, true],
  ] as const)('with match %j fits: %s', async (match, fits) => {
    sandbox.setFaults([{ match, effect: busy }]);
    expect(await statuses(1)).toEqual([fits ? 503 : 201]);
  });

  it('matches the token endpoint as a resource', async () => {
    sandbox.setFaults([{ match: { resource: 'token' }, effect: { kind: 'status', status: 500 } }]);
    expect((await fetch(`${base}/egain/oauth2/v2.0/token`, { method: 'POST', body: '' })).status).toBe(500);
    expect(lastCall()).toMatchObject({ resource: 'token', operation: 'token', status: 500 });
  });

  it('gives way to one before it, and counts the call all the same', async () => {
    sandbox.setFaults([
      { id: 'first', effect: { kind: 'status', status: 500 }, nth: 1 },
      { id: 'second', effect: busy, nth: [1, 2] },
    ]);
    expect(await statuses(3)).toEqual([500, 503, 201]);
    expect(sandbox.faults().map(({ id, seen, hits: hit }) => [id, seen, hit])).toEqual([
      ['first', 3, 1],
      ['second', 3, 1],
    ]);
  });

  it.each([
    [{ effect: { kind: 'explode' } }, 'rules.0.effect.kind'],
    [{ effect: { kind: 'delay' } }, 'rules.0.effect.ms'],
    [{ effect: { kind: 'hang' }, match: { path: '(' } }, 'rules.0.match.path'],
    [{ effect: { kind: 'hang' }, match: { verb: 'GET' } }, 'rules.0.match'],
    [{ effect: { kind: 'refuse' }, match: { bodyContains: 'x' } }, 'rules.0.match.bodyContains'],
    [{ effect: { kind: 'hang' }, nth: 0 }, 'rules.0.nth'],
  ])('%j is refused by naming %s', async (wrong, name) => {
    const answer = await fetch(`${base}/_sandbox/faults`, { method: 'PUT', body: JSON.stringify({ rules: [wrong] }) });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain(name);
    expect(sandbox.faults()).toEqual([]);
  });
});

describe('latency', () => {
  it('holds up every call of a vendor, by knob', async () => {
    sandbox.setKnobs({ egain: { delayMs: 60_000 } });
    const answer = post();
    const outcome = expect(answer).rejects.toThrow('fetch failed');
    await expect.poll(() => sandbox.state().pending).toBe(1);
    expect((await fetch(`${base}/sinch/nowhere`)).status).toBe(404);
    sandbox.reset();
    await outcome;
  });
});
