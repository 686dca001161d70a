import type { JsonObject } from '../json.js';
import type { EgainKind } from '../egain/resources.js';
import { type Call, EGAIN_API } from './client.js';

export const PATHS: Record<EgainKind, string> = {
  authentication: `${EGAIN_API}/authentications`,
  clientApplication: `${EGAIN_API}/clientapplications`,
  participant: `${EGAIN_API}/participants`,
  channel: `${EGAIN_API}/channels`,
  orchestration: `${EGAIN_API}/orchestrations`,
  account: `${EGAIN_API}/accounts`,
};

export type Ids = Record<EgainKind, string>;

export const UNKNOWN_ID = '11111111-1111-4111-8111-111111111111';
export const NO_IDS: Ids = {
  authentication: UNKNOWN_ID,
  clientApplication: UNKNOWN_ID,
  participant: UNKNOWN_ID,
  channel: UNKNOWN_ID,
  orchestration: UNKNOWN_ID,
  account: UNKNOWN_ID,
};

/** A valid body of each resource, with every documented field, referring to `ids`. */
export function bodyFor(kind: EgainKind, ids: Ids, name = `acme-${kind}`): JsonObject {
  const common = { name, description: 'gw:test', active: true };
  const headers = [{ name: 'X-Tenant', value: 'acme' }];
  switch (kind) {
    case 'authentication':
      return {
        ...common,
        type: 'oauth2',
        oauth2: {
          tokenRequestUrl: 'https://acme.example/token',
          method: 'POST',
          headers,
          payload: '{"clientSecret":"s3cret"}',
          accessTokenPath: '$.accessToken',
        },
        basicAuth: { username: 'hub', password: 'pa55' },
      };
    case 'clientApplication':
      return {
        ...common,
        roles: ['customer', 'custom_bot', 'egain_agent'].map((role) => ({
          name: role,
          version: 'v3',
          callback: `https://acme.example/${role}`,
          notificationEmail: 'ops@acme.example',
          headers,
          authentication: { id: ids.authentication },
        })),
      };
    case 'participant':
      return {
        ...common,
        type: 'custom_bot',
        application: { id: ids.clientApplication },
        intents: { intent: [{ value: 'billing', displayValue: 'Billing' }] },
        options: [{ name: 'a', value: 'b' }],
      };
    case 'channel':
      return channelBody(name);
    case 'orchestration':
      return {
        ...common,
        applications: {
          botConfiguration: {
            forwardTranscript: true,
            bypassVaDuration: 5,
            bots: [
              {
                id: ids.clientApplication,
                participant: { id: ids.participant },
                onEscalation: { agent: { id: ids.clientApplication } },
              },
            ],
          },
          customerConfiguration: { customer: { id: ids.clientApplication } },
          agentConfiguration: { agents: [{ id: ids.clientApplication }] },
        },
      };
    case 'account':
      return {
        ...common,
        address: '+15550100',
        channel: { id: ids.channel },
        caseManagement: { sameCaseDuration: 60, copyCustomAttributes: true },
        chatConfigurations: {
          timeout: 30,
          defaultLanguage: 'en-US',
          onAgentUnavailability: 'off_hours',
          allowLogoutWithOpenChats: false,
          allowQueueTransferOnAgentUnavailability: false,
          orchestration: { id: ids.orchestration },
          entryPoint: { id: '1001' },
        },
        attributes: [{ name: 'sid', value: 'x' }],
      };
  }
}

/** Makes one of each in the documented order and returns their ids. */
export async function createChain(egain: Call): Promise<Ids> {
  const ids = { ...NO_IDS };
  for (const kind of Object.keys(PATHS) as EgainKind[]) {
    const answer = await egain('POST', PATHS[kind], bodyFor(kind, ids));
    if (answer.status !== 201) throw new Error(`${kind}: ${answer.text}`);
    ids[kind] = answer.body.id as string;
  }
  return ids;
}

function channelBody(type: string): JsonObject {
  const attachmentPolicy = { enabled: true, maxSize: 5_000_000, type: 'block', extensions: ['exe'] };
  const features = ['typing_events', 'attachments', 'richText'];
  return {
    type,
    displayName: 'Acme',
    icon: 'aWNvbg==',
    description: 'gw:test',
    active: true,
    restrictions: {
      inbound: { maxTextLength: 1000, features, attachmentPolicy },
      outbound: {
        maxTextLength: 1000,
        features,
        attachmentPolicy,
        systemMessages: true,
        midChatAuth: true,
        richMessageTypes: ['listpicker'],
      },
    },
    l10nProperties: [{ language: 'en-US', properties: [{ name: 'msg_hub_off_hours', value: 'Closed' }] }],
  };
}
