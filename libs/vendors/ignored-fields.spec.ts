import { describe, expect, it } from 'vitest';
import type { JsonObject } from '#libs/contracts/index.js';
import type { Resource, SeenObject } from '#libs/resources/contract.js';
import { ensure } from '#libs/resources/ensure.js';
import { FakeContext, FakeVendor, fakeResource, thing } from '#libs/resources/fake-vendor.fixture.js';
import { keepIgnored } from '#libs/resources/ignored-fields.js';
import { VENDOR_MODULES } from './registry.js';

function resourceOf(vendor: string, name: string): Resource<unknown> {
  const module = VENDOR_MODULES.find((each) => each.vendor === vendor);
  const found = module?.resources.find((each) => each.name === name);
  if (!found) throw new Error(`there is no ${vendor}.${name}`);
  return found;
}

const CHANNEL = resourceOf('egain', 'channel');
const CLIENT_APPLICATION = resourceOf('egain', 'clientApplication');
const SINCH_APP = resourceOf('sinch', 'app');
const LIVEPERSON_APP = resourceOf('liveperson', 'app');

function seenAs(body: JsonObject, key = 'key'): SeenObject {
  return { id: 'id', key, marker: undefined, age: '1', body };
}

/** Paths that still differ, and the body that is wanted, once ignored fields are left as they stand. */
function kept(
  resource: Resource<unknown>,
  wanted: JsonObject,
  seen: SeenObject,
  ignored: string[],
): { differs: string[]; body: JsonObject; previous: JsonObject } {
  const desired = keepIgnored(resource, { body: wanted, mode: 'own', previous: wanted }, seen, ignored);
  const differs = resource.diff(desired, seen).map(({ path }) => path);
  return { differs, body: desired.body, previous: desired.previous ?? {} };
}

const role = (name: string, callback: string): JsonObject => ({
  name,
  callback,
  headers: [{ name: 'X-Key', value: 'sealed' }],
});
const seenRole = (name: string, callback: string): JsonObject => ({ name, callback, headers: [{ name: 'X-Key' }] });

describe('a write that leaves ignored fields alone', () => {
  it('wants what stands in a field, and still changes the others', () => {
    const wanted = { type: 'custom.acme', displayName: 'Acme', icon: 'a' };
    const seen = seenAs({ type: 'custom.acme', displayName: 'Theirs', icon: 'b' });
    const { differs, body } = kept(CHANNEL, wanted, seen, ['displayName']);
    expect(differs).toEqual(['icon']);
    expect(body).toEqual({ ...wanted, displayName: 'Theirs' });
  });

  it('leaves a field away that is not there, and takes nothing back in it', () => {
    const wanted = { type: 'custom.acme', displayName: 'Acme', icon: 'a' };
    const { differs, body, previous } = kept(CHANNEL, wanted, seenAs({ type: 'custom.acme', icon: 'b' }), [
      'displayName',
    ]);
    expect(differs).toEqual(['icon']);
    expect(body).toEqual({ type: 'custom.acme', icon: 'a' });
    expect(previous).not.toHaveProperty('displayName');
  });

  it('keeps what nobody names in an ignored object', () => {
    const seen = seenAs({ type: 'custom.acme', icon: 'b', l10nProperties: [{ language: 'de', properties: [] }] });
    const { differs, body } = kept(CHANNEL, { type: 'custom.acme', icon: 'a' }, seen, ['l10nProperties']);
    expect(differs).toEqual(['icon']);
    expect(body['l10nProperties']).toEqual(seen.body['l10nProperties']);
  });

  it('goes by the names of items and not by their places', () => {
    const wanted = { name: 'hub', roles: [role('customer', '/a'), role('custom_bot', '/b')] };
    const seen = seenAs({ name: 'hub', roles: [seenRole('custom_bot', '/y'), seenRole('customer', '/x')] });
    expect(kept(CLIENT_APPLICATION, wanted, seen, ['roles[].callback'])).toMatchObject({
      differs: [],
      body: {
        roles: [
          { name: 'customer', callback: '/x' },
          { name: 'custom_bot', callback: '/y' },
        ],
      },
      previous: { roles: [{ name: 'customer' }, { name: 'custom_bot' }] },
    });
    expect(kept(CLIENT_APPLICATION, wanted, seen, ['roles[1].callback']).differs).toEqual(['roles[0].callback']);
  });

  it('keeps an item that somebody added, and leaves one away that somebody took out, where all items are ignored', () => {
    const wanted = { name: 'hub', roles: [role('customer', '/a'), role('custom_bot', '/b')] };
    const seen = seenAs({ name: 'other', roles: [seenRole('custom_bot', '/b'), seenRole('custom_agent', '/c')] });
    for (const ignored of [['roles'], ['roles[]']]) {
      const { differs, body, previous } = kept(CLIENT_APPLICATION, wanted, seen, ignored);
      expect(differs).toEqual(['name']);
      expect((body['roles'] as JsonObject[]).map(({ name }) => name).sort()).toEqual(['custom_agent', 'custom_bot']);
      expect(previous['roles'] ?? []).toEqual([]);
    }
  });

  it('keeps the marker of an app whose name is ignored, and its name', () => {
    const wanted = { display_name: 'Acme [gw:test:acme.support:sinch.app]', channel_credentials: [] };
    const stands = 'Renamed [gw:test:acme.support:sinch.app]';
    const seen = seenAs({ display_name: stands, channel_credentials: [], processing_mode: 'CONVERSATION' }, 'Renamed');
    const { differs, body } = kept(SINCH_APP, { ...wanted, processing_mode: 'DISPATCH' }, seen, ['display_name']);
    expect(differs).toEqual(['processing_mode']);
    expect(body['display_name']).toBe(stands);
  });

  it('reads the paths of a manifest where the manifest is', () => {
    const wanted = { manifest: { client_name: 'acme', description: 'ours', logo_uri: 'a' } };
    const seen = seenAs({ manifest: { client_name: 'acme', description: 'theirs', logo_uri: 'b' } }, 'acme');
    const { differs, body } = kept(LIVEPERSON_APP, wanted, seen, ['description']);
    expect(differs).toEqual(['logo_uri']);
    expect(body).toEqual({ manifest: { client_name: 'acme', description: 'theirs', logo_uri: 'a' } });
  });

  it('is what a step writes', async () => {
    const vendor = new FakeVendor(true);
    const resource = { ...fakeResource(vendor), diff: diffOf(['color', 'size']) };
    const { id } = vendor.put({ ...thing().body, color: 'theirs', size: 'theirs' });
    const input = {
      node: thing({ size: 'ours' }),
      first: false,
      knowledge: {
        recorded: {
          key: thing().key,
          vendor: 'egain' as const,
          resource: 'thing',
          connection: 'egain-main',
          externalId: id,
          ownership: 'created' as const,
        },
        made: null,
        looked: null,
        inFlightSince: null,
      },
    };
    await ensure(resource, vendor, new FakeContext(vendor), { ...input, ignored: ['color'] });
    expect(vendor.objects.get(id)?.body).toMatchObject({ color: 'theirs', size: 'ours' });
    await ensure(resource, vendor, new FakeContext(vendor), input);
    expect(vendor.objects.get(id)?.body, 'without it all is written').toMatchObject({ color: 'blue', size: 'ours' });
  });
});

function diffOf(names: string[]): Resource<FakeVendor>['diff'] {
  return ({ body }, seen) =>
    names.flatMap((path) =>
      body[path] === seen.body[path] ? [] : [{ path, expected: body[path] ?? null, seen: seen.body[path] ?? null }],
    );
}
