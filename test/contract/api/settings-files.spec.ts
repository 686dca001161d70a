import { createHash } from 'node:crypto';
import { renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { startEngine, type Engine } from '#test/support/engine.js';
import { startApiProcess, type ApiProcess } from '#test/support/processes.js';
import { until } from '#test/support/until.js';

const FIRST = 'gwk_the-first-key-of-the-test';
const SECOND = 'gwk_the-second-key-of-the-test';

let engine: Engine;
let api: ApiProcess;

beforeAll(async () => {
  engine = await startEngine(inject('temporal'), { worker: false });
  api = await startApiProcess(engine, { GANGWAY_LOG_LEVEL: 'info', GANGWAY_PROT: '3000' });
});
afterAll(async () => {
  await api.stop();
  await engine.stop();
});

/** Puts a file of API keys in place, whole, as an operator does. */
function keys(...content: unknown[]): void {
  const file = path.join(engine.settings.dataDir, 'api-keys.json');
  writeFileSync(`${file}.new`, JSON.stringify({ keys: content }), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

function callerKey(id: string, key: string, more: object = {}): object {
  const sha256 = createHash('sha256').update(key).digest('hex');
  return { id, sha256, tenants: ['*'], scopes: ['onboardings:read'], ...more };
}

async function statusOf(key: string): Promise<number> {
  return (await api.call('GET', '/v1/onboardings', { key })).status;
}

/** How often the file of API keys was read again, or was faulty. */
async function reloads(result: 'read' | 'faulty'): Promise<number> {
  const { body } = await api.call('GET', '/metrics', { key: null });
  const line = new RegExp(
    `^gangway_settings_reloads_total\\{file="GANGWAY_API_KEYS",result="${result}"\\} (\\d+)$`,
    'm',
  );
  return Number(line.exec(body['text'] as string)?.[1] ?? 0);
}

describe('the file of API keys', () => {
  it('counts without a restart as soon as it has changed: the new key is taken, the former one is not', async () => {
    keys(callerKey('first', FIRST));
    expect(await statusOf(FIRST)).toBe(200);
    keys(callerKey('second', SECOND));
    expect([await statusOf(FIRST), await statusOf(SECOND)]).toEqual([401, 200]);
    expect(await reloads('read')).toBeGreaterThan(1);
  });

  it('leaves the keys in force while it is faulty, which the log and a count tell though nobody asks', async () => {
    keys(callerKey('first', FIRST));
    expect(await statusOf(FIRST)).toBe(200);
    const before = await reloads('faulty');
    keys(callerKey('second', SECOND, { tenants: [] }));
    await until(async () => ((await reloads('faulty')) > before ? true : undefined), 'the fault to be counted');
    expect([await statusOf(FIRST), await statusOf(SECOND)]).toEqual([200, 401]);
    expect(api.log()).toMatch(/"faults":\["GANGWAY_API_KEYS: [^"]*keys\.0\.tenants must hold at least one tenant/);
  });

  it('takes a key until its end', async () => {
    const notAfter = new Date(Date.now() + 2_000).toISOString();
    keys(callerKey('first', FIRST, { notAfter }), callerKey('second', SECOND));
    expect(await statusOf(FIRST)).toBe(200);
    await until(async () => ((await statusOf(FIRST)) === 401 ? true : undefined), 'the key to end');
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(notAfter));
    expect(await statusOf(SECOND)).toBe(200);
  });

  it('is read again on SIGHUP, which ends nothing', async () => {
    const before = await reloads('read');
    process.kill(api.pid, 'SIGHUP');
    await until(async () => ((await reloads('read')) > before ? true : undefined), 'the file to be read again');
    expect(await statusOf(SECOND)).toBe(200);
  });
});

it('the metrics tell of every queue that no worker asks for work', async () => {
  const queues = ['workflows', ...engine.settings.connections.map(({ vendor, name }) => `${vendor}/${name}`)];
  const polling = async (): Promise<Record<string, number>> => {
    const { body } = await api.call('GET', '/metrics', { key: null });
    const lines = (body['text'] as string).matchAll(/^gangway_workers_polling\{queue="([^"]+)"\} (\d+)$/gm);
    return Object.fromEntries([...lines].map(([, queue = '', count]) => [queue, Number(count)]));
  };
  const [, ...connections] = queues;
  // Whoever else serves the workflows of this server is none of ours.
  expect(await polling()).toMatchObject(Object.fromEntries(connections.map((queue) => [queue, 0])));
  await engine.startWorker();
  await until(async () => {
    const now = await polling();
    return queues.every((queue) => (now[queue] ?? 0) > 0) ? now : undefined;
  }, 'all queues to be polled');
});

it('a variable that nobody reads is told, with the one that was meant', () => {
  expect(api.log()).toContain('GANGWAY_PROT is not a known variable; did you mean GANGWAY_PORT?');
});
