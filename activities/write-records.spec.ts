import { beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeVendor, fakeResource, thing, vendorError } from '#libs/resources/fake-vendor.fixture.js';
import type { Resource } from '#libs/resources/index.js';
import { recordingWrites } from './write-records.js';

const lines: { level: string; message: string; facts: Record<string, unknown> }[] = [];
vi.mock('@temporalio/activity', () => ({
  log: Object.fromEntries(
    ['info', 'warn'].map((level) => [
      level,
      (message: string, facts: Record<string, unknown>) => void lines.push({ level, message, facts }),
    ]),
  ),
}));

const WHO = { accountId: 'acme.support', step: 'egain.thing', vendor: 'egain', resource: 'thing', attempt: 3 };
const BODY = thing().body;

let vendor: FakeVendor;
let writes: number;
beforeEach(() => {
  lines.length = 0;
  vendor = new FakeVendor(true);
  writes = 0;
});

function recording(change: Partial<Resource<FakeVendor>> = {}): Resource<FakeVendor> {
  return recordingWrites({ ...fakeResource(vendor), ...change }, thing(), 3, () => (writes += 1));
}

describe('a write', () => {
  it('leaves one record with whose it was, what was written and its id', async () => {
    const resource = recording();
    const { id } = await resource.create(vendor, BODY);
    const seen = await resource.get(vendor, id, {});
    if (!seen) throw new Error('it stands');
    await resource.update(vendor, seen, { body: { ...BODY, color: 'red' }, mode: 'own' });
    await resource.remove(vendor, id);
    expect(lines).toEqual([
      {
        level: 'info',
        message: `created thing ${id}`,
        facts: { ...WHO, operation: 'create', outcome: 'created', externalId: id },
      },
      {
        level: 'info',
        message: `updated thing ${id}`,
        facts: { ...WHO, operation: 'update', outcome: 'updated', externalId: id },
      },
      {
        level: 'info',
        message: `removed thing ${id}`,
        facts: { ...WHO, operation: 'delete', outcome: 'removed', externalId: id },
      },
    ]);
    expect(writes).toBe(3);
  });

  const failures: { error: unknown; outcome: string; facts: Record<string, unknown>; reason: string }[] = [
    {
      error: vendorError('VENDOR_UNAVAILABLE', { httpStatus: 503, outcomeUnknown: true }),
      outcome: 'unclear',
      facts: { code: 'VENDOR_UNAVAILABLE', httpStatus: 503 },
      reason: 'it may have taken effect',
    },
    {
      error: vendorError('INVALID_REQUEST', { httpStatus: 400, vendorCode: '400-143' }),
      outcome: 'refused',
      facts: { code: 'INVALID_REQUEST', httpStatus: 400, vendorCode: '400-143', reason: 'the vendor said no' },
      reason: 'the vendor said no',
    },
    {
      error: vendorError('VENDOR_UNAVAILABLE', { operation: 'get', httpStatus: 503 }),
      outcome: 'failed',
      facts: { code: 'VENDOR_UNAVAILABLE' },
      reason: 'the read before it failed, and nothing was sent',
    },
    { error: vendorError('CONFLICT'), outcome: 'failed', facts: { code: 'CONFLICT' }, reason: 'we would not send it' },
    {
      error: new TypeError('nobody foresaw it'),
      outcome: 'unclear',
      facts: { code: 'OUTCOME_UNKNOWN' },
      reason: 'it may have been sent before',
    },
  ];
  it.each(failures)('that is $outcome leaves one too: $reason', async ({ error, outcome, facts }) => {
    const fail = (): Promise<never> => Promise.reject(error instanceof Error ? error : new Error('none'));
    const resource = recording({ create: fail, update: fail, remove: fail });
    const seen = vendor.put(BODY);
    await expect(resource.create(vendor, BODY)).rejects.toBe(error);
    await expect(resource.update(vendor, seen, { body: BODY, mode: 'own' })).rejects.toBe(error);
    await expect(resource.remove(vendor, seen.id)).rejects.toBe(error);
    expect(lines.map(({ level, facts: said }) => [level, said['operation'], said['externalId']])).toEqual([
      ['warn', 'create', ''],
      ['warn', 'update', seen.id],
      ['warn', 'delete', seen.id],
    ]);
    for (const line of lines) expect(line.facts).toMatchObject({ ...WHO, outcome, ...facts });
    expect(writes).toBe(3);
  });

  it('alone leaves a record', async () => {
    const resource = recording();
    await resource.list(vendor, undefined, {});
    await resource.get(vendor, 'x', {});
    expect([lines, writes]).toEqual([[], 0]);
  });
});
