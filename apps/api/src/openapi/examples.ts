import type { JsonObject } from '#libs/contracts/index.js';

/** A spec to try the API with: the file of that name in `examples/`, of which a test says that it is the same. */
export interface SpecExample {
  file: string;
  summary: string;
  value: JsonObject;
}

const ICON =
  'iVBORw0KGgoAAAANSUhEUgAAACAAAAAgAQMAAABJtOi3AAAAA1BMVEUfb+tlvZUPAAAADElEQVR42mNgGNwAAACgAAGO+7G0AAAAAElFTkSuQmCC';

/** They stand here because an image of the API holds no examples. */
export const SPEC_EXAMPLES: readonly SpecExample[] = [
  {
    file: 'minimal.yaml',
    summary: 'The least that an eGain account needs',
    value: {
      tenant: 'acme',
      account: 'small',
      chain: 'egain',
      connections: { egain: 'egain-main' },
      egain: {
        clientApplication: {
          roles: [
            {
              name: 'customer',
              version: 'v3',
              callback: 'https://hub.acme.example/egain/small',
              notificationEmail: 'ops@acme.example',
            },
          ],
        },
        channels: [
          {
            type: 'custom.acme-small',
            displayName: 'Acme small',
            icon: ICON,
            account: { address: 'acme-small', chatConfigurations: { timeout: 30, entryPoint: { id: '1001' } } },
          },
        ],
      },
    },
  },
  {
    file: 'egain-sinch.yaml',
    summary: 'An eGain account with a bot and two channels, and a Sinch app',
    value: {
      tenant: 'acme',
      account: 'support',
      chain: 'egain',
      connections: { egain: 'egain-main', sinch: 'sinch-eu' },
      onFailure: 'rollback',
      labels: { region: 'emea', team: 'support' },
      egain: {
        authentication: { type: 'basic', basicAuth: { username: 'hub', password: 'change-me-please' } },
        clientApplication: {
          roles: [
            {
              name: 'customer',
              version: 'v3',
              callback: 'https://hub.acme.example/egain/customer',
              notificationEmail: 'ops@acme.example',
              headers: [{ name: 'X-Acme-Brand', value: 'support' }],
            },
          ],
        },
        bot: {
          clientApplication: {
            roles: [
              {
                name: 'custom_bot',
                version: 'v3',
                callback: 'https://bot.acme.example/egain/bot',
                notificationEmail: 'ops@acme.example',
              },
            ],
          },
          participant: {
            intents: {
              intent: [
                { value: 'billing', displayValue: 'Billing' },
                { value: 'delivery', displayValue: 'Delivery' },
              ],
            },
          },
        },
        channels: [
          {
            type: 'custom.acme-app',
            displayName: 'Acme app',
            icon: ICON,
            restrictions: {
              inbound: { maxTextLength: 1000, features: ['typing_events', 'attachments', 'richText'] },
              outbound: { maxTextLength: 1000, systemMessages: true, features: ['typing_events', 'richText'] },
            },
            l10nProperties: [
              {
                language: 'en-US',
                properties: [{ name: 'msg_hub_off_hours', value: 'We are back at nine in the morning.' }],
              },
            ],
            account: {
              address: 'acme-app',
              chatConfigurations: { timeout: 30, defaultLanguage: 'en-US', entryPoint: { id: '1001' } },
            },
          },
          {
            type: 'custom.acme-web',
            displayName: 'Acme website',
            icon: ICON,
            account: {
              address: 'acme-web',
              caseManagement: { sameCaseDuration: 60 },
              chatConfigurations: { timeout: 15, defaultLanguage: 'en-US', entryPoint: { id: '1002' } },
            },
          },
        ],
        orchestration: { applications: { botConfiguration: { forwardTranscript: true } } },
      },
      sinch: {
        app: {
          display_name: 'Acme support',
          processing_mode: 'CONVERSATION',
          channel_credentials: [
            { channel: 'WHATSAPP', static_bearer: { claimed_identity: '15550100001', token: 'whatsapp-bearer-token' } },
            { channel: 'SMS', static_bearer: { claimed_identity: 'acme-service-plan', token: 'sms-api-token' } },
          ],
          retention_policy: { retention_type: 'MESSAGE_EXPIRE_POLICY', ttl_days: 90 },
        },
        webhooks: [
          {
            target: 'https://hub.acme.example/sinch/events',
            target_type: 'HTTP',
            triggers: ['MESSAGE_INBOUND', 'MESSAGE_DELIVERY', 'EVENT_INBOUND'],
            secret: 'sinch-webhook-secret',
          },
        ],
        waitForActive: '5m',
      },
    },
  },
  {
    file: 'liveperson.yaml',
    summary: 'A LivePerson application, installed through its API',
    value: {
      tenant: 'acme',
      account: 'lp',
      chain: 'liveperson',
      connections: { liveperson: 'liveperson-main' },
      liveperson: {
        manifest: {
          client_name: 'com.acme.support',
          display_name: 'Acme support',
          description: "Answers conversations of Acme's customers",
          enabled: true,
          grant_types: ['client_credentials'],
          scope: 'msg.consumer',
          capabilities: {
            webhooks: {
              retry: { retention_time: 3600 },
              'ms.MessagingEventNotification.ContentEvent': {
                endpoint: 'https://hub.acme.example/liveperson/content',
                headers: [{ header_name: 'X-Acme-Tenant', header_value: 'acme' }],
              },
              'cqm.ExConversationChangeNotification': { endpoint: 'https://hub.acme.example/liveperson/conversation' },
            },
          },
        },
      },
    },
  },
  {
    file: 'liveperson-handoff.yaml',
    summary: 'A LivePerson application, installed by a person',
    value: {
      tenant: 'acme',
      account: 'lp-handoff',
      chain: 'liveperson',
      connections: { liveperson: 'liveperson-handoff' },
      liveperson: {
        manifest:
          '{\n  "client_name": "com.acme.handoff",\n  "display_name": "Acme support",\n  "description": "Answers conversations of Acme\'s customers",\n  "grant_types": ["client_credentials"],\n  "scope": "msg.consumer",\n  "capabilities": {\n    "webhooks": {\n      "ms.MessagingEventNotification.ContentEvent": {\n        "endpoint": "https://hub.acme.example/liveperson/content",\n        "headers": [{ "header_name": "X-Acme-Tenant", "header_value": "acme" }]\n      }\n    }\n  }\n}\n',
        handoff: { dueIn: '30d', remindEvery: '3d', contact: 'LivePerson desk of Acme' },
      },
    },
  },
];
