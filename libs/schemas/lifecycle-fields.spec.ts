import { describe, expect, it } from 'vitest';
import type { JsonValue, OnboardingSpec } from '#libs/contracts/index.js';
import { planOnboarding } from '#libs/onboarding/index.js';
import { chain12Spec, edited, fullEgainSpec, livepersonSpec, planningContext } from '#test/factories/index.js';
import { parseSpec, specDocument } from './parse-spec.js';

const full = specDocument(fullEgainSpec());
const liveperson = specDocument(livepersonSpec());
const webhook = planOnboarding(fullEgainSpec(), planningContext()).nodes.find(({ resource }) => resource === 'webhook');

function messages(input: JsonValue, at: string): string[] {
  const result = parseSpec(input, { allowPrivateUrls: false });
  if (result.ok) return [];
  expect(result.findings.map(({ pointer }) => pointer)).toEqual(result.findings.map(() => at));
  return result.findings.map(({ message }) => message);
}

function parsed(input: JsonValue): OnboardingSpec {
  const result = parseSpec(input, { allowPrivateUrls: false });
  if (!result.ok) throw new Error(JSON.stringify(result.findings));
  return result.spec;
}

describe('protect and ignoreDrift', () => {
  it('come back as they were sent, and are not there when they were not', () => {
    const given = { protect: true, ignoreDrift: { 'sinch.app': ['retention_policy.ttl_days'] } };
    expect(parsed({ ...full, ...given })).toEqual({ ...fullEgainSpec(), ...given });
    expect(specDocument(parsed({ ...full, ...given }))).toEqual({ ...full, ...given });
    expect(Object.keys(parsed(full))).not.toEqual(expect.arrayContaining(['protect']));
  });

  it('count in the hash of the spec only when they are given, and never in that of the plan', () => {
    const hashes = (changes: object): string[] => {
      const { specHash, planHash } = planOnboarding(parsed({ ...full, ...changes }), planningContext());
      return [specHash, planHash];
    };
    const [specHash, planHash] = hashes({});
    for (const changes of [{ protect: true }, { protect: false }, { ignoreDrift: { 'sinch.app': ['display_name'] } }]) {
      const [changed, plan] = hashes(changes);
      expect([changed === specHash, plan === planHash]).toEqual([false, true]);
    }
  });

  it.each<[string, JsonValue, RegExp, string?]>([
    ['/protect', 'yes', /true or false/],
    ['/ignoreDrift', ['sinch.app'], /an object/],
    ['/ignoreDrift', { 'sinch.app': 'display_name' }, /square brackets/, '/ignoreDrift/sinch.app'],
    ['/ignoreDrift', { 'sinch.app': [7] }, /quotes/, '/ignoreDrift/sinch.app/0'],
    ['/ignoreDrift', { 'sinch.app': [''] }, /empty/, '/ignoreDrift/sinch.app/0'],
  ])('are refused in another form: %s = %j', (at, value, message, pointer = at) => {
    expect(messages(edited(full, at, value), pointer)).toEqual([expect.stringMatching(message)]);
  });

  it.each([
    ['sinch.ap', /did you mean sinch\.app\?/],
    ['egain.channel.custom.other', /did you mean|known are/],
    ['sinch.channels', /condition/],
    ['liveperson.app', /names no node/],
  ])('ignoreDrift names nodes of the plan: %s', (key, message) => {
    const found = messages({ ...full, ignoreDrift: { [key]: ['displayName'] } }, `/ignoreDrift/${key}`);
    expect(found).toEqual([expect.stringMatching(message)]);
  });

  const WEBHOOK = webhook?.key ?? '';

  it.each([
    ['egain.authentication', ['name', 'active', 'type', 'oauth2', 'oauth2.headers[].name', 'basicAuth.username']],
    ['egain.clientApplication', ['name', 'description', 'roles', 'roles[]', 'roles[0].callback', 'roles[].headers']],
    ['egain.clientApplication', ['roles[].authentication.id', 'roles[12].headers[3].name']],
    ['egain.bot.clientApplication', ['roles[].notificationEmail']],
    ['egain.bot.participant', ['application', 'application.id', 'intents.intent[].value', 'options[]']],
    [
      'egain.channel.custom.acme',
      ['displayName', 'l10nProperties', 'restrictions.inbound.attachmentPolicy.extensions[]'],
    ],
    ['egain.orchestration', ['applications.customerConfiguration.customer.id']],
    ['egain.orchestration', ['applications.botConfiguration.bots[].onEscalation.agent']],
    ['egain.account.custom.acme', ['address', 'channel.id', 'chatConfigurations.orchestration', 'attributes[].name']],
    [
      'sinch.app',
      ['display_name', 'retention_policy.ttl_days', 'channel_credentials[].static_bearer.claimed_identity'],
    ],
    [WEBHOOK, ['target', 'triggers', 'triggers[]', 'client_credentials', 'app_id']],
  ])('ignoreDrift takes paths to fields of the node: %s %j', (key, paths) => {
    expect(parsed({ ...full, ignoreDrift: { [key]: paths } }).ignoreDrift).toEqual({ [key]: paths });
  });

  it('ignoreDrift takes paths in a manifest, whose names hold dots', () => {
    const event = 'capabilities.webhooks.ms.MessagingEventNotification.ContentEvent';
    const paths = ['description', 'client_name#de', 'redirect_uris[]', event, `${event}.max_retries`];
    const ignoreDrift = {
      'liveperson.app': [...paths, `${event}.headers[0].header_name`, 'capabilities.engagement.goal'],
    };
    expect(parsed({ ...liveperson, ignoreDrift }).ignoreDrift).toEqual(ignoreDrift);
  });

  it.each([
    ['egain.channel.custom.acme', 'displayname', 'names are written as the vendor does'],
    ['egain.channel.custom.acme', 'account.address', 'that is a node of its own'],
    ['egain.channel.custom.acme', 'displayName.x', 'a text has no fields'],
    ['egain.channel.custom.acme', 'displayName[]', 'nor items'],
    ['egain.channel.custom.acme', 'l10nProperties.language', 'a list has items'],
    ['egain.channel.custom.acme', 'l10nProperties[', 'half a bracket'],
    ['egain.channel.custom.acme', 'l10nProperties[-1]', 'no place'],
    ['egain.channel.custom.acme', '.displayName', 'it begins with a name'],
    ['egain.channel.custom.acme', 'displayName.', 'it ends with one'],
    ['egain.channel.custom.acme', '[]', 'the body is no list'],
    ['egain.channel.custom.acme', '/displayName', 'that is a pointer'],
    ['egain.channel.custom.acme', 'constructor', 'of no prototype either'],
    ['sinch.app', 'retention_policy.ttl_day', 'a slip'],
    ['sinch.app', 'rate_limits', 'the server’s, never compared'],
    [WEBHOOK, 'secrets', 'a slip'],
  ])('ignoreDrift refuses what is no field: %s %s (%s)', (key, path, _reason) => {
    const found = messages(
      { ...full, ignoreDrift: { [key]: ['active', path].slice(key.startsWith('egain') ? 0 : 1) } },
      `/ignoreDrift/${key}`,
    );
    expect(found).toEqual([expect.stringMatching(/^its path \d leads to no field/)]);
    expect(found.join()).not.toContain(path);
  });

  it.each([
    ['egain.authentication', 'basicAuth.password'],
    ['egain.authentication', 'oauth2.payload'],
    ['egain.clientApplication', 'roles[].headers[].value'],
    ['egain.clientApplication', 'roles[0].headers[1].value.env'],
    ['egain.account.custom.acme', 'attributes[2].value'],
    ['sinch.app', 'channel_credentials[].static_bearer.token'],
    ['sinch.app', 'channel_credentials[3].callback_secret'],
    [WEBHOOK, 'secret'],
  ])('ignoreDrift refuses secrets, which are never compared: %s %s', (key, path) => {
    const found = messages({ ...full, ignoreDrift: { [key]: [path] } }, `/ignoreDrift/${key}`);
    expect(found).toEqual([expect.stringMatching(/^its path 1 leads to a secret/)]);
  });

  it('ignoreDrift refuses the header values of a manifest, whatever its event', () => {
    const path = 'capabilities.webhooks.cqm.ExConversationChangeNotification.headers[].header_value';
    const found = messages({ ...liveperson, ignoreDrift: { 'liveperson.app': [path] } }, '/ignoreDrift/liveperson.app');
    expect(found).toEqual([expect.stringMatching(/secret/)]);
  });

  it('ignoreDrift has the fields of every body that a plan makes', () => {
    for (const spec of [fullEgainSpec(), chain12Spec(), livepersonSpec()]) {
      for (const { key, body, waits, resource } of planOnboarding(spec, planningContext()).nodes) {
        if (waits === true) continue;
        const top = resource === 'app' && key.startsWith('liveperson') ? (body['manifest'] as object) : body;
        // A field that is a secret as a whole is the one kind that may not be named.
        const paths = Object.keys(top).filter((name) => name !== 'secret');
        expect(parsed({ ...specDocument(spec), ignoreDrift: { [key]: paths } }).ignoreDrift).toEqual({ [key]: paths });
      }
    }
  });
});
