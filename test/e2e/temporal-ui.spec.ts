import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Connection } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '#apps/cli/src/parts/ports.js';
import type { Progress } from '#libs/contracts/index.js';
import { specDocument } from '#libs/schemas/parse-spec.js';
import { chain12Spec } from '#test/factories/index.js';
import { payloadsIn } from '#test/support/stored-runs.js';
import { until } from '#test/support/until.js';
import { hasBrowser, openPage } from './browser.js';
import { runProgram, type Program } from './program.js';

type Event = NonNullable<
  NonNullable<Awaited<ReturnType<Connection['workflowService']['getWorkflowExecutionHistory']>>['history']>['events']
>[number];

/** What the decode endpoint takes and answers: bytes in base64. */
interface JsonPayload {
  metadata: Record<string, string>;
  data: string;
}

const NAMESPACE = 'default';
const SECRETS = /callback-password|sender-token|webhook-secret/;

let folder: string;
let system: Program;
let temporal: Connection;
let apiUrl: string;
let uiUrl: string;
let key: string;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'gangway-e2e-'));
  const ports = await freePorts();
  apiUrl = `http://127.0.0.1:${ports.api}`;
  uiUrl = `http://127.0.0.1:${ports.temporalUi}`;
  system = runProgram('apps/cli/src/start/main.js', [], {
    GANGWAY_DATA_DIR: path.join(folder, 'data'),
    GANGWAY_PORT: String(ports.api),
    GANGWAY_TEMPORAL_PORT: String(ports.temporal),
    GANGWAY_TEMPORAL_UI_PORT: String(ports.temporalUi),
    GANGWAY_SANDBOX_PORT: String(ports.sandbox),
  });
  await system.printed(/Ctrl-C stops all of it/);
  key = /api key: (gwk_\S+)/.exec(system.output.stdout)?.[1] ?? '';
  temporal = await Connection.connect({ address: `127.0.0.1:${ports.temporal}` });
  const body = { code: '400-152', developerMessage: 'The entry point is closed.', details: [] };
  const rules = [
    { match: { resource: 'account', operation: 'create' }, effect: { kind: 'status', status: 400, body } },
    { match: { resource: 'channel', operation: 'create' }, times: 1, effect: { kind: 'status', status: 503, body } },
  ];
  await send(`http://127.0.0.1:${ports.sandbox}/_sandbox/faults`, 'PUT', { rules });
  await start('undone', 'rollback');
  await until(async () => ((await progress('undone')).status === 'rolled-back' ? true : undefined), 'the undo', 90_000);
  await start('held', 'hold');
  await until(async () => ((await progress('held')).status === 'held' ? true : undefined), 'the hold', 90_000);
}, 300_000);

afterAll(async () => {
  await temporal.close();
  system.child.kill('SIGINT');
  expect(await system.exited, system.output.stderr).toBe(0);
  rmSync(folder, { recursive: true, force: true });
});

describe('the codec endpoint, for pages of the Temporal UI', () => {
  const origins = [['127.0.0.1'], ['localhost']];

  it.each(origins)('answers the preflight and decodes at %s, without a key', async (host) => {
    const origin = uiUrl.replace('127.0.0.1', host);
    const asked = {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type,x-namespace',
    };
    const preflight = await fetch(`${apiUrl}/v1/codec/decode?preserveStorageRefs=true`, {
      method: 'OPTIONS',
      headers: asked,
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-origin')).toBe(origin);
    expect(preflight.headers.get('access-control-allow-methods')).toContain('POST');
    expect(preflight.headers.get('access-control-allow-headers')).toMatch(/content-type.*x-namespace/);
    const [input] = payloadsIn(await history('undone'));
    const answer = await fetchDecoded(origin, input ? [input] : []);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin);
  });

  it('refuses a page of anybody else', async () => {
    expect((await fetchDecoded('http://localhost:1', [])).status).toBe(403);
  });

  it.each(['undone', 'held'])(
    'turns every payload of the history of %s into JSON without a secret',
    async (account) => {
      const texts = await decoded(payloadsIn(await history(account)));
      expect(texts.length).toBeGreaterThan(40);
      for (const text of texts) expect(() => JSON.parse(text) as unknown, text).not.toThrow();
      expect(texts.join('\n')).toContain('sealed:v2:');
      expect(texts.join('\n')).not.toMatch(SECRETS);
    },
  );
});

describe('what the Temporal UI shows', () => {
  it('names each activity by vendor and resource, with a summary of at most 40 characters', async () => {
    const scheduled = (await history('undone')).filter((event) => event.activityTaskScheduledEventAttributes);
    const types = scheduled.map((event) => event.activityTaskScheduledEventAttributes?.activityType?.name);
    expect(types).toEqual(expect.arrayContaining(['egain.look', 'egain.channel.ensure', 'sinch.app.remove']));
    const summaries = await decoded(scheduled.flatMap(({ userMetadata }) => userMetadata?.summary ?? []));
    expect(summaries).toHaveLength(scheduled.length);
    for (const summary of summaries) {
      const text = JSON.parse(summary) as string;
      expect(text.length, text).toBeLessThanOrEqual(40);
      expect(text).not.toBe('');
    }
  });

  it('says what failed in clear, from our own words', async () => {
    const events = await history('undone');
    const messages = events.flatMap((event) => {
      const attributes = event.activityTaskFailedEventAttributes ?? event.workflowExecutionFailedEventAttributes;
      return attributes?.failure?.message ?? [];
    });
    expect(messages).toContain('INVALID_REQUEST: egain account.create HTTP 400');
    expect(messages).toContain('ROLLED_BACK: INVALID_REQUEST');
    expect(messages.join()).not.toContain('entry point');
  });

  it("has a summary of the whole job, and its details under 3 KB with the reason and every step's state", async () => {
    const [first] = await history('held');
    const [summary = ''] = await decoded(first?.userMetadata?.summary ? [first.userMetadata.summary] : []);
    expect(JSON.parse(summary)).toBe('Onboard acme.held');
    const { queryResult } = await temporal.workflowService.queryWorkflow({
      namespace: NAMESPACE,
      execution: { workflowId: 'operation/acme.held' },
      query: { queryType: '__temporal_workflow_metadata' },
    });
    const [metadata = '{}'] = await decoded(queryResult?.payloads ?? []);
    const { currentDetails = '' } = JSON.parse(metadata) as { currentDetails?: string };
    expect(Buffer.byteLength(currentDetails)).toBeLessThanOrEqual(3 * 1024);
    expect(currentDetails).toMatch(/^### held\n> .*eGain refuses.*\n\nNext: an operator decides/);
    expect(currentDetails.match(/^- \*\*\w+\*\*/gm)).toHaveLength(chain12Steps);
    expect(currentDetails).not.toMatch(SECRETS);
  });

  it('lists jobs by what they wait for', async () => {
    const query = `WorkflowType = 'onboardAccount' AND OnboardingStatus = 'held' AND WaitingFor = 'operator'`;
    const rows = await until(async () => {
      const { executions } = await temporal.workflowService.listWorkflowExecutions({ namespace: NAMESPACE, query });
      return executions.length > 0 ? executions : undefined;
    }, 'the held job to be listed');
    expect(rows.map(({ execution }) => execution?.workflowId)).toEqual(['operation/acme.held']);
    expect(Object.keys(rows[0]?.searchAttributes?.indexedFields ?? {})).toEqual(
      expect.arrayContaining([
        'Account',
        'Chain',
        'ErrorCode',
        'Job',
        'OnboardingStatus',
        'Step',
        'Tenant',
        'WaitingFor',
      ]),
    );
  });

  it('links from the progress to a page that the UI serves, with decoded texts where there is a browser', async () => {
    const link = (await progress('held')).links.temporalUi ?? '';
    const served = await fetch(link);
    expect([served.status, served.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/html')]);
    if (!hasBrowser) return;
    const page = await openPage();
    try {
      await page.textAt(link, ['operation/acme.held', 'egain.look', 'what stands already']);
      const details = link.replace(/history$/, 'user-metadata');
      const text = await page.textAt(details, ['Onboard acme.held', 'an operator decides', 'Open in the console']);
      expect(text).not.toMatch(SECRETS);
    } finally {
      await page.close();
    }
  }, 180_000);
});

const chain12Steps = 12;

async function start(account: string, onFailure: 'rollback' | 'hold'): Promise<void> {
  const spec = chain12Spec({ tenant: 'acme', account, onFailure });
  const channels = (spec.egain?.channels ?? []).map((channel) => ({ ...channel, type: `${channel.type}-${account}` }));
  const document = specDocument({ ...spec, ...(spec.egain ? { egain: { ...spec.egain, channels } } : {}) });
  expect((await send(`${apiUrl}/v1/onboardings`, 'POST', document)).status).toBe(202);
}

async function progress(account: string): Promise<Progress> {
  const answer = await fetch(`${apiUrl}/v1/onboardings/acme.${account}`, {
    headers: { authorization: `Bearer ${key}` },
  });
  return (await answer.json()) as Progress;
}

function send(url: string, method: string, body: unknown): Promise<Response> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  return fetch(url, { method, headers, body: JSON.stringify(body) });
}

/** The history of a job's operation as the server keeps it. */
async function history(account: string): Promise<Event[]> {
  const answer = await temporal.workflowService.getWorkflowExecutionHistory({
    namespace: NAMESPACE,
    execution: { workflowId: `operation/acme.${account}` },
    maximumPageSize: 10_000,
  });
  return answer.history?.events ?? [];
}

/** Asks the endpoint as a page of the UI does. */
function fetchDecoded(origin: string, payloads: readonly Payload[]): Promise<Response> {
  const json = payloads.map(({ metadata, data }) => ({
    metadata: Object.fromEntries(Object.entries(metadata ?? {}).map(([name, value]) => [name, base64(value)])),
    data: base64(data),
  }));
  return fetch(`${apiUrl}/v1/codec/decode?preserveStorageRefs=true`, {
    method: 'POST',
    headers: { origin, 'content-type': 'application/json', 'x-namespace': NAMESPACE },
    body: JSON.stringify({ payloads: json }),
  });
}

/** What the payloads hold, as text. */
async function decoded(payloads: readonly Payload[]): Promise<string[]> {
  const answer = await fetchDecoded(uiUrl, payloads);
  expect(answer.status).toBe(200);
  const body = (await answer.json()) as { payloads: JsonPayload[] };
  return body.payloads.map(({ data }) => Buffer.from(data, 'base64').toString());
}

function base64(bytes: Uint8Array | null | undefined): string {
  return Buffer.from(bytes ?? []).toString('base64');
}
