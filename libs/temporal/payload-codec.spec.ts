import { defaultPayloadConverter, type Payload, type SerializationContext } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import type { KeyRing } from '#libs/secrets/key-ring.js';
import { createPayloadCodec } from './payload-codec.js';

const key = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const ring: KeyRing = { active: 'k1', hash: 'k1', keys: new Map([['k1', key(1)]]) };
const codec = createPayloadCodec(ring, 'default');

const of = (workflowId: string, namespace = 'default'): SerializationContext => ({
  type: 'workflow',
  namespace,
  workflowId,
});
const payload = (value: unknown): Payload => defaultPayloadConverter.toPayload(value);
const text = (bytes: unknown): string => Buffer.from(bytes as Uint8Array).toString();

async function encode(value: unknown, context?: SerializationContext): Promise<Payload> {
  const [encoded] = await codec.encode([payload(value)], context);
  if (!encoded) throw new Error('expected one payload');
  return encoded;
}

async function decode(encoded: Payload, context?: SerializationContext): Promise<unknown> {
  const [decoded] = await codec.decode([encoded], context);
  if (!decoded) throw new Error('expected one payload');
  return defaultPayloadConverter.fromPayload(decoded);
}

describe('payload codec', () => {
  it.each([{ a: [1, 'ü'] }, 'text', null, undefined, new Uint8Array([1, 2]), ''])('gives %o back', async (value) => {
    const decoded = await decode(await encode(value, of('account/a.b')), of('account/a.b'));
    expect(decoded).toEqual(value);
  });

  it('gives an empty bytes value back as bytes', async () => {
    const [decoded] = await codec.decode([await encode(new Uint8Array())]);
    expect(decoded?.data).toBeInstanceOf(Uint8Array);
    expect(decoded?.data).toHaveLength(0);
  });

  it('hides the value and shows encoding, key, namespace and workflow', async () => {
    const encoded = await encode('canary', of('account/a.b'));
    const metadata = Object.fromEntries(Object.entries(encoded.metadata ?? {}).map(([name, v]) => [name, text(v)]));
    expect(metadata).toEqual({
      encoding: 'binary/encrypted',
      'gangway-key': 'k1',
      'gangway-namespace': 'default',
      'gangway-workflow': 'account/a.b',
    });
    expect(text(encoded.data)).not.toContain('canary');
  });

  it('leaves metadata without a value out, as empty bytes do not come back', async () => {
    expect(Object.keys((await encode(1)).metadata ?? {})).not.toContain('gangway-workflow');
  });

  it.each<{ reason: string; written?: SerializationContext; read?: SerializationContext }>([
    {
      reason: 'a scheduled run: Temporal adds the time to the id that the input was written with',
      written: of('reconciliation/nightly'),
      read: of('reconciliation/nightly-2026-11-21T09:42:41Z'),
    },
    { reason: 'the UI: its endpoint knows no workflow', written: of('account/a.b') },
    { reason: "a schedule's memo and heartbeats by token: written without context", read: of('account/a.b') },
    {
      reason: 'an activity of the workflow',
      written: of('account/a.b'),
      read: { type: 'activity', namespace: 'default', workflowId: 'account/a.b', activityId: 'x', isLocal: false },
    },
  ])('reads $reason', async ({ written, read }) => {
    expect(await decode(await encode('value', written), read)).toBe('value');
  });

  it('refuses the payload of another workflow', async () => {
    const encoded = await encode('value', of('account/a.b'));
    await expect(decode(encoded, of('account/a.c'))).rejects.toThrow('belongs to another workflow than account/a.c');
  });

  it('refuses the payload of another namespace', async () => {
    const encoded = await encode('value', of('account/a.b', 'staging'));
    await expect(decode(encoded)).rejects.toThrow('another namespace');
    await expect(decode(encoded, of('account/a.b'))).rejects.toThrow('another namespace');
  });

  it('refuses metadata that were changed: they are authenticated', async () => {
    const encoded = await encode('value', of('account/a.b'));
    const forged = { ...encoded, metadata: { ...encoded.metadata, 'gangway-workflow': Buffer.from('account/a.c') } };
    await expect(decode(forged, of('account/a.c'))).rejects.toThrow('was changed');
  });

  it('names the key that is missing', async () => {
    const other = createPayloadCodec({ active: 'k2', hash: 'k2', keys: new Map([['k2', key(2)]]) }, 'default');
    await expect(other.decode([await encode('value')])).rejects.toThrow('no key "k1"');
  });

  it('tells another key of the same id', async () => {
    const other = createPayloadCodec({ ...ring, keys: new Map([['k1', key(3)]]) }, 'default');
    await expect(other.decode([await encode('value')])).rejects.toThrow('another key of the same id');
  });

  it('reads after a rotation what was written before', async () => {
    const rotated = createPayloadCodec(
      { active: 'k2', hash: 'k1', keys: new Map([...ring.keys, ['k2', key(2)]]) },
      'default',
    );
    const [decoded] = await rotated.decode([await encode('value')]);
    expect(decoded && defaultPayloadConverter.fromPayload(decoded)).toBe('value');
  });

  it("passes the server's own and other foreign payloads through", async () => {
    const foreign: Payload[] = [
      payload('ACTIVITY_ID_NOT_STARTED'),
      payload(undefined),
      {},
      { metadata: {}, data: new Uint8Array() },
    ];
    expect(await codec.decode(foreign)).toEqual(foreign);
  });

  it.each<{ reason: string; metadata: Record<string, unknown> | null }>([
    { reason: 'none', metadata: null },
    { reason: 'empty bytes that came back as a list', metadata: { encoding: [] } },
    { reason: 'text', metadata: { encoding: 'json/plain' } },
    { reason: 'numbers', metadata: { encoding: 7, other: {} } },
  ])('does not throw for odd metadata: $reason', async ({ metadata }) => {
    const odd = { metadata, data: [] } as unknown as Payload;
    expect(await codec.decode([odd])).toEqual([odd]);
  });

  it('reads an encrypted payload whose other metadata are odd', async () => {
    const encoded = await encode('value');
    const odd = { ...encoded, metadata: { ...encoded.metadata, 'gangway-workflow': [] } } as unknown as Payload;
    expect(await decode(odd, of('account/a.b'))).toBe('value');
  });
});
