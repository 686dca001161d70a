import type { Field, Fields, Finding, ObjectField, StringField } from '../fields.js';
import { isObject, type Json, type JsonObject } from '../json.js';

export type EgainKind =
  'authentication' | 'clientApplication' | 'participant' | 'channel' | 'orchestration' | 'account';

/** One of the six resources as docs/vendors/egain.md §7 documents it. */
export interface EgainResource {
  kind: EgainKind;
  /** Collection in the path. */
  path: string;
  /** Attribute that is unique in the tenant, compared without case (`docs/vendors/egain.md` §4). */
  uniqueBy: 'name' | 'type';
  fields: Fields;
  /** Rules that span several attributes. */
  rules: (body: JsonObject) => Finding[];
}

export const MODIFIED: StringField = { type: 'string', format: 'date-time' };

const name: StringField = { type: 'string', required: true, min: 1, max: 255 };
const text: StringField = { type: 'string', required: true };
const description: StringField = { type: 'string', min: 1, max: 1023 };
const active: Field = { type: 'boolean', default: true };
const flag: Field = { type: 'boolean' };
const integer: Field = { type: 'integer' };
const BOT_ROLES = ['custom_bot', 'egain_bot'];

const idOf = (refersTo: string): StringField => ({ type: 'string', required: true, min: 36, max: 36, refersTo });
const linkTo = (refersTo: string, required = true): ObjectField => ({
  type: 'object',
  required,
  fields: { id: idOf(refersTo) },
});
const headers: Field = {
  type: 'array',
  items: { type: 'object', fields: { name: text, value: { ...text, secret: true } } },
};
const pairs = (max: number): Field => ({
  type: 'array',
  min: 1,
  max,
  items: { type: 'object', fields: { name: text, value: text } },
});

const authentication: Fields = {
  name,
  description,
  active,
  type: { type: 'string', required: true, enum: ['oauth2', 'basic'] },
  oauth2: {
    type: 'object',
    fields: {
      tokenRequestUrl: { type: 'string', required: true, format: 'url' },
      method: { type: 'string', required: true, enum: ['GET', 'POST'] },
      headers,
      payload: { type: 'string', secret: true },
      accessTokenPath: { type: 'string', required: true, min: 1 },
    },
  },
  basicAuth: { type: 'object', fields: { username: text, password: { ...text, secret: true } } },
};

const clientApplication: Fields = {
  name,
  description,
  active,
  roles: {
    type: 'array',
    required: true,
    min: 1,
    max: 7,
    items: {
      type: 'object',
      fields: {
        name: {
          type: 'string',
          required: true,
          enum: ['customer', 'custom_bot', 'egain_bot', 'egain_agent', 'custom_agent', 'business_notification'],
        },
        version: { type: 'string', required: true, enum: ['v1', 'v3'] },
        callback: { type: 'string', required: true, format: 'url' },
        notificationEmail: { type: 'string', required: true, min: 1 },
        headers,
        authentication: linkTo('authentication', false),
      },
    },
  },
};

const participant: Fields = {
  name,
  type: { type: 'string', required: true, enum: BOT_ROLES },
  description,
  active,
  application: linkTo('clientApplication'),
  intents: {
    type: 'object',
    fields: {
      intent: {
        type: 'array',
        required: true,
        items: { type: 'object', fields: { value: text, displayValue: text } },
      },
    },
  },
  options: pairs(25),
};

const attachmentPolicy: Field = {
  type: 'object',
  fields: {
    enabled: flag,
    maxSize: integer,
    type: { type: 'string', enum: ['allow', 'block'] },
    extensions: { type: 'array', items: { type: 'string' } },
  },
};
const features: Field = {
  type: 'array',
  items: { type: 'string', enum: ['typing_events', 'attachments', 'richText'] },
};

const channel: Fields = {
  type: name,
  displayName: name,
  icon: { type: 'string', required: true, min: 1, max: 512_000, format: 'base64' },
  description,
  active,
  restrictions: {
    type: 'object',
    fields: {
      inbound: { type: 'object', fields: { maxTextLength: integer, features, attachmentPolicy } },
      outbound: {
        type: 'object',
        fields: {
          maxTextLength: integer,
          features,
          attachmentPolicy,
          systemMessages: flag,
          midChatAuth: flag,
          richMessageTypes: { type: 'array', items: { type: 'string' } },
        },
      },
    },
  },
  l10nProperties: {
    type: 'array',
    min: 1,
    max: 25,
    items: {
      type: 'object',
      fields: {
        language: text,
        properties: {
          type: 'array',
          required: true,
          items: { type: 'object', fields: { name: text, value: text } },
        },
      },
    },
  },
};

const orchestration: Fields = {
  name: text,
  description,
  active,
  applications: {
    type: 'object',
    required: true,
    fields: {
      botConfiguration: {
        type: 'object',
        fields: {
          forwardTranscript: flag,
          bypassVaDuration: { type: 'number' },
          bots: {
            type: 'array',
            required: true,
            items: {
              type: 'object',
              fields: {
                id: idOf('clientApplication'),
                participant: linkTo('participant'),
                onEscalation: { type: 'object', fields: { agent: linkTo('clientApplication') } },
              },
            },
          },
        },
      },
      customerConfiguration: { type: 'object', fields: { customer: linkTo('clientApplication') } },
      agentConfiguration: {
        type: 'object',
        fields: {
          agents: {
            type: 'array',
            required: true,
            items: { type: 'object', fields: { id: idOf('clientApplication') } },
          },
        },
      },
    },
  },
};

const account: Fields = {
  name,
  description,
  active,
  address: name,
  channel: linkTo('channel'),
  caseManagement: {
    type: 'object',
    fields: { sameCaseDuration: { type: 'number' }, copyCustomAttributes: flag },
  },
  chatConfigurations: {
    type: 'object',
    required: true,
    fields: {
      timeout: { type: 'number', required: true },
      defaultLanguage: { type: 'string' },
      onAgentUnavailability: { type: 'string', enum: ['off_hours', 'retain_and_retry'] },
      allowLogoutWithOpenChats: flag,
      allowQueueTransferOnAgentUnavailability: flag,
      orchestration: linkTo('orchestration'),
      entryPoint: {
        type: 'object',
        required: true,
        fields: { id: { type: 'string', required: true, min: 1, refersTo: 'entryPoint' } },
      },
    },
  },
  attributes: pairs(10),
};

/** In the documented order of creation (`docs/vendors/egain.md` §5). */
export const EGAIN_RESOURCES: readonly EgainResource[] = [
  {
    kind: 'authentication',
    path: 'authentications',
    uniqueBy: 'name',
    fields: authentication,
    rules: checkAuthentication,
  },
  {
    kind: 'clientApplication',
    path: 'clientapplications',
    uniqueBy: 'name',
    fields: clientApplication,
    rules: checkRoles,
  },
  { kind: 'participant', path: 'participants', uniqueBy: 'name', fields: participant, rules: () => [] },
  { kind: 'channel', path: 'channels', uniqueBy: 'type', fields: channel, rules: () => [] },
  {
    kind: 'orchestration',
    path: 'orchestrations',
    uniqueBy: 'name',
    fields: orchestration,
    rules: checkApplications,
  },
  { kind: 'account', path: 'accounts', uniqueBy: 'name', fields: account, rules: () => [] },
];

function checkAuthentication(body: JsonObject): Finding[] {
  const wanted = body.type === 'oauth2' ? 'oauth2' : body.type === 'basic' ? 'basicAuth' : undefined;
  return wanted === undefined || body[wanted] !== undefined
    ? []
    : [{ problem: 'missing', path: wanted, message: `${wanted} is required for this type` }];
}

function checkRoles(body: JsonObject): Finding[] {
  const names = roleNames(body);
  return names.flatMap((role, index): Finding[] =>
    role === undefined || names.indexOf(role) === index
      ? []
      : [
          {
            problem: 'invalid',
            path: `roles[${index}].name`,
            message: `roles[${index}].name must be unique among the roles`,
            value: role,
          },
        ],
  );
}

function checkApplications({ applications }: JsonObject): Finding[] {
  if (!isObject(applications)) return [];
  if (applications.botConfiguration !== undefined || applications.agentConfiguration !== undefined) return [];
  return ['botConfiguration', 'agentConfiguration'].map((member) => ({
    problem: 'missing',
    path: `applications.${member}`,
    message: 'one of applications.botConfiguration and applications.agentConfiguration is required',
  }));
}

/** The role name of each entry of `roles`, `undefined` where an entry has none. */
export function roleNames(body: JsonObject): (string | undefined)[] {
  const roles: Json[] = Array.isArray(body.roles) ? body.roles : [];
  return roles.map((role) => (isObject(role) && typeof role.name === 'string' ? role.name : undefined));
}
