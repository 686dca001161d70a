import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Cursors, type ListCursors } from './cursor.js';

const REFUSED = expect.objectContaining({ slug: 'invalid-request', status: 400 }) as Error;
const QUERY = { tenant: 'acme', status: 'held', chain: undefined };
const PLACE = Buffer.from('["2026-01-01T12:00:00.000Z","a.b"]');

function cursors(key = 'key', list = 'jobs', query: object = QUERY, tenants = ['acme', 'globex']): ListCursors {
  return new Cursors((text) => createHmac('sha256', key).update(text).digest('hex')).of(list, query, { tenants });
}

const given = cursors().write(PLACE) ?? '';

describe('a cursor', () => {
  it('leads back to its place, in any process, whatever the order of query and tenants', () => {
    const same = cursors('key', 'jobs', { status: 'held', tenant: 'acme' }, ['globex', 'acme', 'acme']);
    expect(same.read(given)).toEqual(PLACE);
    expect(cursors().read(undefined)).toBeNull();
    expect(cursors().write(null)).toBeNull();
  });

  it.each([
    { reason: 'of another list', from: cursors('key', 'accounts') },
    { reason: 'of another query', from: cursors('key', 'jobs', { ...QUERY, tenant: 'globex' }) },
    { reason: 'of a wider query', from: cursors('key', 'jobs', { tenant: 'acme' }) },
    { reason: 'of a caller with more tenants', from: cursors('key', 'jobs', QUERY, ['*']) },
    { reason: 'of another installation', from: cursors('other') },
  ])('$reason is refused', ({ from }) => {
    expect(() => cursors().read(from.write(PLACE) ?? '')).toThrow(REFUSED);
  });

  it.each([
    '',
    '.',
    '!',
    'AAAA',
    PLACE.toString('base64url'),
    `${Buffer.from('["2026-01-01T13:00:00.000Z"]').toString('base64url')}.${given.split('.')[1] ?? ''}`,
    given.slice(0, -1),
    `${given}.`,
    `${given}A`,
    `.${given.split('.')[1] ?? ''}`,
  ])('that was made up is refused: %s', (text) => {
    expect(() => cursors().read(text)).toThrow(REFUSED);
  });
});
