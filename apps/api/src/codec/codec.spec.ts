import type { Payload } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import type { KeyRing } from '#libs/secrets/key-ring.js';
import { createPayloadCodec } from '#libs/temporal/payload-codec.js';
import type { Caller } from '../auth/caller.js';
import { Codec, type JsonPayload } from './codec.js';

const RING: KeyRing = { active: 'k1', hash: 'k1', keys: new Map([['k1', new Uint8Array(32).fill(7)]]) };
const payloadCodec = createPayloadCodec(RING, 'default');
const codec = new Codec(payloadCodec, 'default', false);

function caller(...tenants: string[]): Caller {
  return { id: 'ci', tenants, scopes: ['codec'], isValid: () => true };
}

/** What Temporal keeps of a text of a workflow; without one, of what belongs to none. */
async function kept(text: string, workflowId?: string): Promise<JsonPayload> {
  const clear: Payload = { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from(JSON.stringify(text)) };
  const context =
    workflowId === undefined ? undefined : { type: 'workflow' as const, namespace: 'default', workflowId };
  const [payload] = await payloadCodec.encode([clear], context);
  const metadata = Object.entries(payload?.metadata ?? {}).map(([name, value]) => [name, base64(value)]);
  return { metadata: Object.fromEntries(metadata) as Record<string, string>, data: base64(payload?.data ?? []) };
}

function base64(bytes: Uint8Array | never[]): string {
  return Buffer.from(bytes).toString('base64');
}

/** The texts that were decoded; null for what was left as it was. */
async function read(by: Caller, payloads: JsonPayload[]): Promise<(string | null)[]> {
  const { payloads: answers, foreign } = await codec.decode(by, payloads, undefined);
  const texts = answers.map((answer, index) => {
    if (answer === payloads[index]) return null;
    return JSON.parse(Buffer.from(answer.data ?? '', 'base64').toString()) as string;
  });
  expect(texts.filter((text) => text === null)).toHaveLength(foreign);
  return texts;
}

describe('payloads of several tenants in one list', () => {
  const list = (): Promise<JsonPayload[]> =>
    Promise.all([
      kept('acme account', 'account/acme.support'),
      kept('globex operation', 'operation/globex.sales'),
      kept('acme operation', 'operation/acme.support'),
      kept('a preview', 'preview/7c1f'),
      kept('a notification', 'notification/7c1f/held'),
      kept('of no workflow'),
    ]);

  it.each([
    { tenants: ['acme'], texts: ['acme account', null, 'acme operation', null, null, null] },
    { tenants: ['globex'], texts: [null, 'globex operation', null, null, null, null] },
    { tenants: [], texts: [null, null, null, null, null, null] },
    {
      tenants: ['*'],
      texts: ['acme account', 'globex operation', 'acme operation', 'a preview', 'a notification', 'of no workflow'],
    },
  ])('are decoded for $tenants alone where they are theirs, and left as they are else', async ({ tenants, texts }) => {
    expect(await read(caller(...tenants), await list())).toEqual(texts);
  });

  it('are not made readable by the name of an own account', async () => {
    const foreign = await kept('globex operation', 'operation/globex.sales');
    const renamed = {
      ...foreign,
      metadata: { ...foreign.metadata, 'gangway-workflow': base64(Buffer.from('account/acme.support')) },
    };
    await expect(codec.decode(caller('acme'), [renamed], undefined)).rejects.toMatchObject({ slug: 'invalid-payload' });
  });

  it('pass in another encoding', async () => {
    const plain = { metadata: { encoding: base64(Buffer.from('json/plain')) }, data: base64(Buffer.from('"x"')) };
    expect((await codec.decode(caller(), [plain], undefined)).payloads).toEqual([plain]);
  });
});
