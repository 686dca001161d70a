import { describe, expect, it } from 'vitest';

import { specForAccount } from './outage-spec.js';
import { added, countOf, disturbed, vendorObjects } from './vendor-objects.js';

const foreign = { id: 'f1', name: 'somebody else’s', active: true };
const ours = { id: 'o1', type: 'custom.acme', description: 'Acme gw:1a2b3c4d:acme.support:egain.channel.custom.acme' };
const app = { id: 'a1', display_name: 'Acme support [gw:1a2b3c4d:acme.support:sinch.app]' };
const hook = { id: 'w1', target: 'https://hub.acme.example/events' };

describe('vendorObjects', () => {
  it('reads name and marker of each kind', () => {
    const objects = vendorObjects({ egain: { channel: [ours] }, sinch: { app: [app], webhook: [hook] } });
    expect(objects.map(({ kind, name, marker }) => [kind, name, marker])).toEqual([
      ['channel', 'custom.acme', 'gw:1a2b3c4d:acme.support:egain.channel.custom.acme'],
      ['app', 'Acme support', 'gw:1a2b3c4d:acme.support:sinch.app'],
      ['webhook', 'https://hub.acme.example/events', ''],
    ]);
    expect([countOf('acme.support', objects), countOf('acme.supp', objects)]).toEqual([2, 0]);
  });

  it('tells what was added, changed and removed', () => {
    const before = vendorObjects({ egain: { channel: [foreign] } });
    const reordered = { active: true, name: foreign.name, id: 'f1' };
    const after = vendorObjects({ egain: { channel: [reordered, ours] } });
    expect(added(before, after).map(({ id }) => id)).toEqual(['o1']);
    expect(disturbed(before, after)).toEqual([]);
    expect(disturbed(before, vendorObjects({ egain: { channel: [{ ...foreign, active: false }] } }))).toHaveLength(1);
    expect(disturbed(before, [])).toHaveLength(1);
  });
});

describe('objects of another tenant', () => {
  it('are other objects, though their ids are the same', () => {
    const main = { ...foreign, tenant: 'main' };
    const second = { ...foreign, tenant: 'second', active: false };
    const both = vendorObjects({ egain: { channel: [main, second] } });
    expect(disturbed(both, both)).toEqual([]);
    expect(added(vendorObjects({ egain: { channel: [main] } }), both)).toHaveLength(1);
  });
});

describe('specForAccount', () => {
  it('gives the other account channels, addresses and identities of its own', () => {
    const spec = {
      tenant: 'acme',
      account: 'support',
      egain: { channels: [{ type: 'custom.acme', account: { address: 'acme' } }] },
      sinch: {
        app: { channel_credentials: [{ channel: 'SMS', static_bearer: { claimed_identity: 'plan', token: 't' } }] },
      },
    };
    expect(specForAccount(spec, 'outage', 'b')).toEqual({
      tenant: 'acme',
      account: 'outage',
      egain: { channels: [{ type: 'custom.acme-b', account: { address: 'acme-b' } }] },
      sinch: {
        app: { channel_credentials: [{ channel: 'SMS', static_bearer: { claimed_identity: 'plan-b', token: 't' } }] },
      },
    });
    expect(spec.account).toBe('support');
  });
});
