import { z } from 'zod';
import {
  basicUserName,
  body,
  headerName,
  headerValue,
  identifier,
  line,
  lines,
  list,
  secret,
  url,
} from '#libs/fields/fields.js';
import type { LargeItems } from '#libs/fields/findings.js';

const NAME = 255;
/** Headers of a call; HTTP servers take no more (Tomcat 100). */
const HEADERS = 100;

/** What eGain documents and the engine writes itself. */
const ENGINE_FIELDS = {
  description: 'is written by the engine, which keeps its mark of ownership there: leave it out',
  modified: 'is set by eGain: leave it out',
  created: 'is set by eGain: leave it out',
  id: 'is given by eGain: leave it out',
} as const;

const active = z.boolean().optional().meta({ description: 'true when left out' });
const name = line({ max: NAME }).optional().meta({
  description: 'Unique at eGain, whatever the case of its letters; {tenant}.{account}.{node} when left out',
});
const headers = list(body({ name: headerName(), value: headerValue() }), HEADERS).optional();
const count = z.number().min(0);

/** How eGain authenticates at the customer's callback (`docs/vendors/egain.md` §7.1). */
export const authenticationSchema = body(
  {
    name,
    active,
    type: z.enum(['oauth2', 'basic']),
    oauth2: body({
      tokenRequestUrl: url(),
      method: z.enum(['GET', 'POST']),
      headers,
      payload: secret({ form: 'lines' })
        .optional()
        .meta({ description: 'Body of the token request as one text; holds secrets' }),
      accessTokenPath: identifier({
        form: { pattern: /^\$/, error: 'must be a JSONPath that begins with $, such as $.accessToken' },
      }),
    }).optional(),
    basicAuth: body({ username: basicUserName(), password: secret() }).optional(),
  },
  ENGINE_FIELDS,
).meta({ id: 'EgainAuthentication' });

/** Roles that a client application of the Hub may play. */
export const EGAIN_ROLES = [
  'customer',
  'custom_bot',
  'egain_bot',
  'egain_agent',
  'custom_agent',
  'business_notification',
] as const;

/** Callbacks of the customer or of a bot (`docs/vendors/egain.md` §7.2). */
export const clientApplicationSchema = body(
  {
    name,
    active,
    roles: list(
      body({
        name: z.enum(EGAIN_ROLES),
        version: z.enum(['v1', 'v3']).meta({ description: 'Version of the payload that eGain sends; use v3' }),
        callback: url(),
        notificationEmail: z.email({ pattern: z.regexes.html5Email, error: 'must be an e-mail address' }),
        headers,
        authentication: body({ id: uuid() })
          .optional()
          .meta({ description: 'An authentication outside this spec; else egain.authentication serves the role' }),
      }),
      7,
    ).min(1),
  },
  ENGINE_FIELDS,
).meta({ id: 'EgainClientApplication' });

/** A bot in the tenant (`docs/vendors/egain.md` §7.3); its client application is wired. */
export const participantSchema = body(
  {
    name,
    type: z.enum(['custom_bot', 'egain_bot']).optional().meta({ description: "The bot's role when left out" }),
    active,
    intents: body({ intent: list(body({ value: identifier(), displayValue: line() })) }).optional(),
    options: list(body({ name: identifier(), value: lines({ min: 0 }) }), 25)
      .min(1)
      .optional(),
  },
  { ...ENGINE_FIELDS, application: "is wired to the bot's client application: leave it out" },
).meta({ id: 'EgainParticipant' });

const attachmentPolicy = body({
  enabled: z.boolean().optional(),
  maxSize: z.int().min(0).optional().meta({ description: 'Bytes' }),
  type: z.enum(['allow', 'block']).optional(),
  extensions: list(identifier()).optional(),
}).optional();

const restriction = {
  maxTextLength: z.int().min(0).optional(),
  features: list(z.enum(['typing_events', 'attachments', 'richText']), 100).optional(),
  attachmentPolicy,
};

/** A conversation account (`docs/vendors/egain.md` §7.6); channel and orchestration are wired. */
export const accountSchema = body(
  {
    name,
    active,
    address: identifier({ max: NAME }).meta({
      description: 'Business address on the channel: a phone number, a page id',
    }),
    caseManagement: body({
      sameCaseDuration: count.optional(),
      copyCustomAttributes: z.boolean().optional(),
    }).optional(),
    chatConfigurations: body(
      {
        timeout: count.meta({ description: 'Minutes after the last message until a new conversation begins' }),
        defaultLanguage: identifier().optional(),
        onAgentUnavailability: z.enum(['off_hours', 'retain_and_retry']).optional(),
        allowLogoutWithOpenChats: z.boolean().optional(),
        allowQueueTransferOnAgentUnavailability: z.boolean().optional(),
        entryPoint: body({ id: identifier({ max: NAME }) }).meta({
          description: "A chat entry point that exists in eGain's console",
        }),
      },
      { orchestration: "is wired to this account's orchestration: leave it out" },
    ),
    attributes: list(body({ name: identifier(), value: secret({ allowEmpty: true, form: 'lines' }) }), 10)
      .min(1)
      .optional(),
  },
  { ...ENGINE_FIELDS, channel: 'is wired to the channel that holds this account: leave it out' },
).meta({ id: 'EgainAccount' });

/** A channel and its conversation account (`docs/vendors/egain.md` §7.4). */
export const channelSchema = body(
  {
    type: identifier({ max: NAME }).meta({
      description: 'Unique in the tenant; custom.<name> for a channel of your own',
    }),
    displayName: line({ max: NAME }),
    icon: lines({ max: 512_000, rule: base64Fault }).meta({ contentEncoding: 'base64' }),
    active,
    restrictions: body({
      inbound: body(restriction).optional(),
      outbound: body({
        ...restriction,
        systemMessages: z.boolean().optional(),
        midChatAuth: z.boolean().optional(),
        richMessageTypes: list(identifier()).optional(),
      }).optional(),
    }).optional(),
    l10nProperties: list(
      body({ language: identifier(), properties: list(body({ name: identifier(), value: lines({ min: 0 }) }), 100) }),
      25,
    )
      .min(1)
      .optional(),
    account: accountSchema,
  },
  ENGINE_FIELDS,
).meta({ id: 'EgainChannel' });

const givenId = body({ id: uuid() });

/** Who talks to whom (`docs/vendors/egain.md` §7.5); the customer and the bot of the spec are wired. */
export const orchestrationSchema = body(
  {
    name,
    active,
    applications: body(
      {
        botConfiguration: body({
          forwardTranscript: z.boolean().optional(),
          bypassVaDuration: count.optional().meta({ description: 'Minutes' }),
          bots: list(
            body({
              id: uuid().optional(),
              participant: givenId.optional(),
              onEscalation: body({ agent: givenId }).optional(),
            }),
            100,
          )
            .min(1)
            .optional(),
        }).optional(),
        agentConfiguration: body({ agents: list(givenId, 100).min(1) }).optional(),
      },
      { customerConfiguration: "is wired to the customer's client application: leave it out" },
    ).optional(),
  },
  ENGINE_FIELDS,
).meta({ id: 'EgainOrchestration' });

/** The list of the section that may be long and whose items are large. */
export const EGAIN_CHANNELS: LargeItems = { list: ['channels'], item: channelSchema };

/** The eGain section of a spec. */
export const egainSchema = body({
  authentication: authenticationSchema.optional(),
  clientApplication: clientApplicationSchema,
  bot: body({ clientApplication: clientApplicationSchema, participant: participantSchema }).optional(),
  channels: list(channelSchema, 100).min(1),
  orchestration: orchestrationSchema.optional(),
}).meta({ id: 'EgainSpec' });

function base64Fault(value: string): string | undefined {
  if (value.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(value)) return undefined;
  return 'must be a picture in base64, without a data: prefix or line breaks';
}

/** An id that eGain made: 36 characters (`docs/vendors/egain.md` §2). */
function uuid(): z.ZodString {
  return z
    .string()
    .regex(/^[0-9A-Za-z-]{36}$/, { error: 'must be an id of 36 characters, as eGain shows it' })
    .meta({ examples: ['45a0b1c2-d3e4-4f50-8617-283940a5b6c7'] });
}
