import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type OnboardingSpec,
  type PlanNode,
} from '#libs/contracts/index.js';
import {
  createNodeFactory,
  defaultName,
  type NodeFactory,
  type PlanningContext,
  PlanningError,
  ref,
} from '#libs/planning/index.js';
import { EGAIN } from './errors.js';
import { EGAIN_KEYS, hashedStepName } from './keys.js';
import type { EgainChannelSpec, EgainSpec } from './spec.js';

/** Longest `name` that eGain takes (`docs/vendors/egain.md` §4). */
const NAME_LIMIT = 255;

/**
 * The nodes of the eGain section, in the documented order: authentication, client application, bot, channels, orchestration,
 * accounts (`docs/vendors/egain.md` §5). A node needs only what its body refers to, so a channel waits for nothing.
 */
export function planEgain(spec: OnboardingSpec, egain: EgainSpec, ctx: PlanningContext): PlanNode[] {
  const factory = createNodeFactory(spec, ctx, EGAIN, spec.connections.egain ?? '');
  const make: MakeNode = (key, resource, title, body, named = true) =>
    factory.node({
      key,
      stepName: hashedStepName(key, ctx.sha256),
      resource,
      title,
      marker: factory.marker(key),
      body: owned(factory, ctx, key, body, named),
    });

  return [
    ...(egain.authentication
      ? [make(EGAIN_KEYS.authentication, 'authentication', 'Callback authentication', egain.authentication)]
      : []),
    make(EGAIN_KEYS.clientApplication, 'clientApplication', 'Client application', {
      ...egain.clientApplication,
      roles: rolesOf(egain.clientApplication.roles, egain),
    }),
    ...(egain.bot ? planBot(egain, egain.bot, make) : []),
    ...egain.channels.map((channel) => planChannel(channel, make)),
    make(EGAIN_KEYS.orchestration, 'orchestration', 'Orchestration', orchestrationBody(egain, ctx)),
    ...egain.channels.map((channel) => planAccount(channel, make)),
  ];
}

/** Makes a node of eGain; `named` is false for a channel, whose key is its type. */
type MakeNode = (key: string, resource: string, title: string, body: JsonObject, named?: boolean) => PlanNode;

/** The given fields with what the engine writes: a name where none is given, the ownership marker, and the documented default of `active`. */
function owned(factory: NodeFactory, ctx: PlanningContext, key: string, given: JsonObject, named: boolean): JsonObject {
  const name = named ? { name: defaultName(factory.account, key, NAME_LIMIT, ctx.sha256) } : {};
  return { ...name, active: true, ...given, description: factory.marker(key) };
}

/** The authentication of the spec serves every role that names none of its own. */
function rolesOf(roles: readonly JsonObject[], egain: EgainSpec): JsonObject[] {
  const authentication = egain.authentication ? { authentication: { id: ref(EGAIN_KEYS.authentication) } } : {};
  return roles.map((role) => ({ ...authentication, ...role }));
}

function planBot(egain: EgainSpec, bot: NonNullable<EgainSpec['bot']>, make: MakeNode): PlanNode[] {
  return [
    make(EGAIN_KEYS.botClientApplication, 'clientApplication', 'Client application of the bot', {
      ...bot.clientApplication,
      roles: rolesOf(bot.clientApplication.roles, egain),
    }),
    make(EGAIN_KEYS.botParticipant, 'participant', 'Bot participant', {
      type: botType(bot.clientApplication.roles),
      ...bot.participant,
      application: { id: ref(EGAIN_KEYS.botClientApplication) },
    }),
  ];
}

/** A participant has the type of the role that its client application plays (`docs/vendors/egain.md` §7.3). */
function botType(roles: readonly JsonObject[]): string {
  const role = roles.map((r) => r['name']).find((name) => name === 'custom_bot' || name === 'egain_bot');
  if (typeof role === 'string') return role;
  throw new PlanningError(
    '/egain/bot/clientApplication/roles',
    'None of the roles is a bot: give one named custom_bot or egain_bot.',
  );
}

function planChannel(channel: EgainChannelSpec, make: MakeNode): PlanNode {
  const { account: _account, ...body } = channel;
  return make(EGAIN_KEYS.channel(channel.type), 'channel', `Channel ${channel.type}`, body, false);
}

function planAccount(channel: EgainChannelSpec, make: MakeNode): PlanNode {
  return make(EGAIN_KEYS.account(channel.type), 'account', `Account on ${channel.type}`, {
    ...channel.account,
    channel: { id: ref(EGAIN_KEYS.channel(channel.type)) },
    chatConfigurations: {
      ...objectOf(channel.account['chatConfigurations']),
      orchestration: { id: ref(EGAIN_KEYS.orchestration) },
    },
  });
}

function orchestrationBody(egain: EgainSpec, ctx: PlanningContext): JsonObject {
  const given = egain.orchestration ?? {};
  const applications = objectOf(given['applications']);
  const bots = botConfiguration(egain, objectOf(applications['botConfiguration']));
  const agents = agentConfiguration(applications['agentConfiguration'], ctx);
  if (!bots && !agents) {
    throw new PlanningError(
      '/egain/orchestration',
      'Nobody would answer: there is no bot, no agents are given, and the eGain connection names no agent application. ' +
        'Give applications.agentConfiguration.agents, or set agentClientApplicationId of the connection.',
    );
  }
  return {
    ...given,
    applications: {
      customerConfiguration: { customer: { id: ref(EGAIN_KEYS.clientApplication) } },
      ...(bots ? { botConfiguration: bots } : {}),
      ...(agents ? { agentConfiguration: agents } : {}),
    },
  };
}

/** The bot of the spec is the first of the configuration's bots; further ones are outside the plan and given by their ids. */
function botConfiguration(egain: EgainSpec, given: JsonObject): JsonObject | undefined {
  const bots = Array.isArray(given['bots']) ? given['bots'] : [];
  if (!egain.bot) return bots.length > 0 ? given : undefined;
  const [first, ...others] = bots;
  return {
    ...given,
    bots: [
      {
        ...objectOf(first),
        id: ref(EGAIN_KEYS.botClientApplication),
        participant: { id: ref(EGAIN_KEYS.botParticipant) },
      },
      ...others,
    ],
  };
}

/** The agents of the spec, else the connection's agent application. */
function agentConfiguration(given: JsonValue | undefined, ctx: PlanningContext): JsonObject | undefined {
  if (isJsonObject(given)) return given;
  const id = ctx.facts['egain']?.['agentClientApplicationId'];
  return typeof id !== 'string' ? undefined : { agents: [{ id }] };
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}
