import { bodyFields } from '#libs/fields/body-fields.js';
import { limitsOf } from '#libs/fields/limits.js';
import { has, objectsAt, textAt } from '#libs/fields/raw.js';
import type { VendorSection } from '../module.js';
import { EGAIN_KEYS, placeOf } from './keys.js';
import { SECTION_SECRETS } from './secret-paths.js';
import { egainRules } from './section.rules.js';
import {
  accountSchema,
  authenticationSchema,
  channelSchema,
  clientApplicationSchema,
  EGAIN_CHANNELS,
  egainSchema,
  orchestrationSchema,
  participantSchema,
} from './section.schema.js';
import type { EgainSpec } from './spec.js';

/** What the engine writes into every object but a channel, which has no name. */
const MARKED = ['name', 'description'];

/** The eGain section of a spec: eGain's own request bodies, less what the engine wires. */
export const egainSection: VendorSection<EgainSpec, EgainSpec> = {
  schema: egainSchema,
  large: EGAIN_CHANNELS,
  rules: egainRules,
  withDefaults: (input) => input,
  document: (section) => section,
  urls: [
    'authentication.oauth2.tokenRequestUrl',
    'clientApplication.roles[].callback',
    'bot.clientApplication.roles[].callback',
  ],
  secrets: SECTION_SECRETS,
  bodies: SECTION_SECRETS.filter((path) => /(?:\.payload|attributes\[\]\.value)$/.test(path)),
  headers: SECTION_SECRETS.filter((path) => path.endsWith('headers[].value')),
  nodes: nodesOf,
  placeOf,
  fields: {
    authentication: () => bodyFields(limitsOf(authenticationSchema), MARKED),
    clientApplication: () => bodyFields(limitsOf(clientApplicationSchema), MARKED),
    participant: () => bodyFields(limitsOf(participantSchema), [...MARKED, 'application.id']),
    channel: () => bodyFields(limitsOf(channelSchema.omit({ account: true })), ['description']),
    orchestration: () =>
      bodyFields(limitsOf(orchestrationSchema), [...MARKED, 'applications.customerConfiguration.customer.id']),
    account: () =>
      bodyFields(limitsOf(accountSchema), [...MARKED, 'channel.id', 'chatConfigurations.orchestration.id']),
  },
};

function nodesOf(egain: unknown): [string, string][] {
  const types = objectsAt(egain, 'channels').flatMap(({ item }) => textAt(item, 'type') ?? []);
  const when = (there: boolean, ...nodes: [string, string][]): [string, string][] => (there ? nodes : []);
  return [
    ...when(has(egain, 'authentication'), [EGAIN_KEYS.authentication, 'authentication']),
    [EGAIN_KEYS.clientApplication, 'clientApplication'],
    [EGAIN_KEYS.orchestration, 'orchestration'],
    ...when(
      has(egain, 'bot'),
      [EGAIN_KEYS.botClientApplication, 'clientApplication'],
      [EGAIN_KEYS.botParticipant, 'participant'],
    ),
    ...types.flatMap((type): [string, string][] => [
      [EGAIN_KEYS.channel(type), 'channel'],
      [EGAIN_KEYS.account(type), 'account'],
    ]),
  ];
}
