import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue, OnboardingSpec, PlanNode } from '#libs/contracts/index.js';
import { parseMarker } from '#libs/contracts/index.js';
import { chain12Spec, fullEgainSpec, minimalEgainSpec, planningContext } from '#test/factories/index.js';
import { planOnboarding } from '#libs/onboarding/index.js';
import { PlanningError } from '#libs/planning/index.js';

function nodes(spec: OnboardingSpec, context = planningContext()): Map<string, PlanNode> {
  return new Map(planOnboarding(spec, context).nodes.map((node) => [node.key, node]));
}

function body(spec: OnboardingSpec, key: string, context = planningContext()): JsonObject {
  const found = nodes(spec, context).get(key);
  if (!found) throw new Error(`no node ${key}`);
  return found.body;
}

function withEgain(
  change: (egain: NonNullable<OnboardingSpec['egain']>) => void,
  base = chain12Spec(),
): OnboardingSpec {
  const spec = structuredClone(base);
  if (spec.egain) change(spec.egain);
  return spec;
}

describe('the egain plan', () => {
  it('has the documented node keys, in the documented order', () => {
    expect([...nodes(chain12Spec()).keys()]).toEqual([
      'egain.authentication',
      'egain.clientApplication',
      'egain.bot.clientApplication',
      'egain.bot.participant',
      'egain.channel.custom.acme',
      'egain.channel.custom.acme-shop',
      'egain.orchestration',
      'egain.account.custom.acme',
      'egain.account.custom.acme-shop',
      'sinch.app',
      'sinch.webhook.4ec1d883',
      'sinch.channels',
    ]);
  });

  it.each([
    ['egain.authentication', [], 'it refers to nothing'],
    ['egain.clientApplication', ['egain.authentication'], 'its roles hold the id of the authentication'],
    ['egain.bot.clientApplication', ['egain.authentication'], 'the authentication serves the roles of the bot too'],
    ['egain.bot.participant', ['egain.bot.clientApplication'], 'a participant points at its client application'],
    ['egain.channel.custom.acme', [], 'a channel depends on nothing'],
    [
      'egain.orchestration',
      ['egain.clientApplication', 'egain.bot.clientApplication', 'egain.bot.participant'],
      'it joins customer and bot; agents are outside the plan',
    ],
    [
      'egain.account.custom.acme',
      ['egain.channel.custom.acme', 'egain.orchestration'],
      'an account binds its own channel to the orchestration',
    ],
    ['sinch.app', [], 'Sinch does not wait for eGain'],
    ['sinch.webhook.4ec1d883', ['sinch.app'], 'a webhook names its app'],
    ['sinch.channels', ['sinch.app'], 'channels belong to the app'],
  ])('%s needs %j: %s', (key, needs) => {
    expect(new Set(nodes(chain12Spec()).get(key)?.needs)).toEqual(new Set(needs));
  });

  it('lets the authentication serve every role that names none of its own', () => {
    const { roles } = body(fullEgainSpec(), 'egain.clientApplication') as { roles: JsonObject[] };
    expect(roles.map((role) => role['authentication'])).toEqual([
      { id: { $ref: 'egain.authentication.id' } },
      { id: 'f0e16101-0000-4000-8000-000000000001' },
    ]);
  });

  it('wires no authentication where the spec has none', () => {
    const { roles } = body(minimalEgainSpec(), 'egain.clientApplication') as { roles: JsonObject[] };
    expect(roles.every((role) => !('authentication' in role))).toBe(true);
  });

  it.each<[string, string | undefined, string, string]>([
    ['custom_bot', undefined, 'custom_bot', 'the type follows the role'],
    ['egain_bot', undefined, 'egain_bot', 'the type follows the role'],
    ['custom_bot', 'custom_bot', 'custom_bot', 'a given type stands'],
  ])('bot role %s, type given %s -> %s: %s', (role, given, expected) => {
    const spec = withEgain((egain) => {
      if (!egain.bot) return;
      egain.bot.clientApplication.roles = [{ ...egain.bot.clientApplication.roles[0], name: role }];
      if (given !== undefined) egain.bot.participant['type'] = given;
    });
    expect(body(spec, 'egain.bot.participant')).toMatchObject({
      type: expected,
      application: { id: { $ref: 'egain.bot.clientApplication.id' } },
    });
  });

  it('wires the bot as the first of the bots and keeps what else is given', () => {
    const { applications } = body(fullEgainSpec(), 'egain.orchestration');
    expect(applications).toEqual({
      customerConfiguration: { customer: { id: { $ref: 'egain.clientApplication.id' } } },
      botConfiguration: {
        forwardTranscript: true,
        bypassVaDuration: 15,
        bots: [
          {
            id: { $ref: 'egain.bot.clientApplication.id' },
            participant: { id: { $ref: 'egain.bot.participant.id' } },
            onEscalation: { agent: { id: 'a6e47a99-0000-4000-8000-000000000001' } },
          },
        ],
      },
      agentConfiguration: { agents: [{ id: 'a6e47a99-0000-4000-8000-000000000001' }] },
    });
  });

  it('takes the agent application of the connection where the spec names no agents', () => {
    const spec = withEgain((egain) => delete egain.orchestration, minimalEgainSpec());
    const context = planningContext({ facts: { egain: { agentClientApplicationId: 'agents-of-the-connection' } } });
    expect(body(spec, 'egain.orchestration', context)['applications']).toEqual({
      customerConfiguration: { customer: { id: { $ref: 'egain.clientApplication.id' } } },
      agentConfiguration: { agents: [{ id: 'agents-of-the-connection' }] },
    });
  });

  it('needs no agents where a bot answers', () => {
    const spec = withEgain((egain) => delete egain.orchestration);
    const { applications } = body(spec, 'egain.orchestration', planningContext({ facts: { egain: {} } })) as {
      applications: JsonObject;
    };
    expect(applications['agentConfiguration']).toBeUndefined();
    expect(applications['botConfiguration']).toBeDefined();
  });

  it('refuses an orchestration in which nobody would answer', () => {
    const spec = withEgain((egain) => delete egain.orchestration, minimalEgainSpec());
    const plan = (): unknown => planOnboarding(spec, planningContext({ facts: { egain: {} } }));
    expect(plan).toThrow(PlanningError);
    expect(plan).toThrow(expect.objectContaining({ pointer: '/egain/orchestration' }));
  });

  it('keeps bots outside the spec, given by their ids', () => {
    const other = { id: 'other-app', participant: { id: 'other-participant' } };
    const spec = withEgain((egain) => {
      egain.orchestration = { applications: { botConfiguration: { bots: [{}, other] } } };
    });
    const { applications } = body(spec, 'egain.orchestration') as {
      applications: { botConfiguration: { bots: JsonObject[] } };
    };
    expect(applications.botConfiguration.bots[1]).toEqual(other);
  });

  it('binds each account to its channel and the orchestration, and keeps the rest of it', () => {
    expect(body(fullEgainSpec(), 'egain.account.custom.acme-shop')).toMatchObject({
      name: 'acme custom.acme-shop',
      address: '+15550101',
      channel: { id: { $ref: 'egain.channel.custom.acme-shop.id' } },
      chatConfigurations: { orchestration: { id: { $ref: 'egain.orchestration.id' } }, entryPoint: { id: '1001' } },
    });
  });

  it('leaves the account out of the channel body, and gives a channel no name', () => {
    const channel = body(fullEgainSpec(), 'egain.channel.custom.acme');
    expect(channel).not.toHaveProperty('account');
    expect(channel).not.toHaveProperty('name');
  });

  it('writes the marker of each node into its description, and a name where none is given', () => {
    for (const node of nodes(minimalEgainSpec()).values()) {
      expect(node.body['description']).toBe(node.marker);
      expect(parseMarker(node.marker)).toEqual({
        installation: 'test1',
        account: { tenant: 'acme', account: 'support' },
        node: node.key,
      });
      if (node.resource !== 'channel') expect(node.body['name']).toBe(`acme.support.${node.key.toLowerCase()}`);
    }
  });

  it('cuts a long name at 255 characters, with a hash of the whole as its end', () => {
    const type = (end: string): string => `custom.${'x'.repeat(247)}${end}`;
    const name = (end: string): JsonValue | undefined => {
      const spec = withEgain((egain) => {
        const [channel] = egain.channels;
        if (channel) egain.channels = [{ ...channel, type: type(end) }];
      }, minimalEgainSpec());
      return body(spec, `egain.account.${type(end)}`)['name'];
    };
    expect(name('1')).toHaveLength(255);
    expect(name('1')).not.toBe(name('2'));
    expect(name('1')).toMatch(/^acme\.support\.egain\.account\.custom\.x+-[0-9a-f]{12}$/);
  });

  it.each<[boolean | string[], string[], string[], string]>([
    [true, ['sinch.app', 'egain.clientApplication', 'egain.authentication'], [], 'true is for all nodes'],
    [false, [], ['sinch.app', 'egain.clientApplication'], 'false is for none'],
    [['sinch.app'], ['sinch.app'], ['egain.clientApplication'], 'a list is for its keys alone'],
  ])('adopt %j: %s', (adopt, yes, no) => {
    const all = nodes(chain12Spec({ adopt }));
    expect(yes.map((key) => all.get(key)?.adopt)).toEqual(yes.map(() => true));
    expect(no.map((key) => all.get(key)?.adopt)).toEqual(no.map(() => false));
  });

  it.each([
    { type: 'custom.acme', hashed: false, reason: 'small letters, digits, dots and hyphens stand in clear' },
    { type: 'custom.Acme', hashed: true, reason: 'other letters do not' },
    { type: 'https://acme.example', hashed: true, reason: 'an address would be one in the lists of Temporal' },
    { type: 'custom.acme shop', hashed: true, reason: 'a blank' },
    { type: `custom.${'x'.repeat(200)}`, hashed: true, reason: 'an attribute would cut it, and its step not be found' },
  ])('names the steps of the channel type $type for Temporal: $reason', ({ type, hashed }) => {
    const spec = withEgain((egain) => {
      const [channel] = egain.channels;
      if (channel) egain.channels = [{ ...channel, type }];
    }, minimalEgainSpec());
    const made = nodes(spec);
    for (const kind of ['channel', 'account']) {
      const node = made.get(`egain.${kind}.${type}`);
      expect(node?.stepName).toEqual(
        hashed ? (expect.stringMatching(new RegExp(`^egain\\.${kind}\\.[0-9a-f]{16}$`)) as string) : undefined,
      );
    }
    expect(made.get('egain.clientApplication')?.stepName, 'our own words stand in clear').toBeUndefined();
  });

  it('titles every node in at most 40 characters', () => {
    const spec = withEgain((egain) => {
      const [channel] = egain.channels;
      if (channel) egain.channels = [{ ...channel, type: `custom.${'x'.repeat(100)}` }];
    });
    const titles = [...nodes(spec).values()].map((node) => node.title);
    expect(titles.filter((title) => title.length < 1 || title.length > 40)).toEqual([]);
  });

  it('refuses a chain whose section is missing', () => {
    const plan = (): unknown => planOnboarding({ ...minimalEgainSpec(), chain: 'liveperson' }, planningContext());
    expect(plan).toThrow(PlanningError);
  });
});
