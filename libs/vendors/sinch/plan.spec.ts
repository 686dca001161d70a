import { describe, expect, it } from 'vitest';
import type { JsonObject, PlanNode } from '#libs/contracts/index.js';
import { chain12Spec, fullEgainSpec, planningContext, sha256 } from '#test/factories/index.js';
import { planOnboarding } from '#libs/onboarding/index.js';
import type { SinchSpec } from './spec.js';

function sinchNodes(change: Partial<SinchSpec> = {}): PlanNode[] {
  const base = chain12Spec();
  const spec = { ...base, ...(base.sinch ? { sinch: { ...base.sinch, ...change } } : {}) };
  return planOnboarding(spec, planningContext()).nodes.filter((node) => node.vendor === 'sinch');
}

describe('the Sinch part of a plan', () => {
  it('puts the marker behind the display name', () => {
    const [app] = sinchNodes();
    expect(app?.body['display_name']).toBe('Acme [gw:test1:acme.support:sinch.app]');
    expect(app?.marker).toBe('gw:test1:acme.support:sinch.app');
  });

  it('makes up a name where none is given', () => {
    const spec = chain12Spec({ tenant: 't'.repeat(48), account: 'a'.repeat(48) });
    if (spec.sinch) spec.sinch.app = {};
    const app = planOnboarding(spec, planningContext()).nodes.find((node) => node.key === 'sinch.app');
    const name = `${'t'.repeat(48)}.${'a'.repeat(48)}.sinch.app`;
    expect(app?.body['display_name']).toBe(`${name} [${app?.marker ?? ''}]`);
  });

  it.each<[JsonObject, string, string]>([
    [{}, 'DISPATCH', 'the documented default is sent, since documents differ on it'],
    [{ processing_mode: 'CONVERSATION' }, 'CONVERSATION', 'what is given stands'],
  ])('%j -> processing_mode %s: %s', (app, mode) => {
    expect(sinchNodes({ app })[0]?.body).toMatchObject({
      processing_mode: mode,
      channel_credentials: [],
    });
  });

  it('names a webhook by its target, and wires its app', () => {
    const [, webhook] = sinchNodes();
    expect(webhook?.key).toBe(`sinch.webhook.${sha256('https://acme.example/sinch').slice(0, 8)}`);
    expect(webhook?.marker).toBe('');
    expect(webhook?.body).toEqual({
      target: 'https://acme.example/sinch',
      target_type: 'HTTP',
      triggers: ['MESSAGE_INBOUND'],
      secret: 'webhook-secret',
      app_id: { $ref: 'sinch.app.id' },
    });
  });

  it('treats client credentials of null as none', () => {
    const webhooks = [{ target: 'https://acme.example/x', client_credentials: null }];
    expect(sinchNodes({ webhooks })[1]?.body).not.toHaveProperty('client_credentials');
  });

  it('waits for the channels, by channel and number', () => {
    const node = planOnboarding(fullEgainSpec(), planningContext()).nodes.find((n) => n.key === 'sinch.channels');
    expect(node).toMatchObject({ resource: 'channels', marker: '', needs: ['sinch.app'] });
    expect(node?.body).toMatchObject({ app_id: { $ref: 'sinch.app.id' }, timeout_ms: 300_000 });
    const channels = node?.body['channels'];
    expect(channels).toContainEqual({ channel: 'SMS' });
    expect(channels).toContainEqual({ channel: 'LINE', credential_ordinal_number: 2 });
  });

  it.each<[Partial<SinchSpec>, string]>([
    [{ waitForActive: false }, 'the spec does not want to wait'],
    [{ app: { channel_credentials: [] } }, 'there is no channel to wait for'],
    [{ app: {} }, 'there is no channel to wait for'],
  ])('%j leaves the wait out: %s', (change) => {
    expect(sinchNodes(change).map((node) => node.key)).not.toContain('sinch.channels');
  });
});
