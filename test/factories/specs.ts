import type { JsonObject, OnboardingSpec } from '#libs/contracts/index.js';
import { CHANNEL_CREDENTIALS } from './sinch-credentials.js';

/** A PNG of one pixel. */
export const ICON = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** The smallest account that works: one client application, one channel, agents of the spec's own. */
export function minimalEgainSpec(overrides: Partial<OnboardingSpec> = {}): OnboardingSpec {
  return {
    tenant: 'acme',
    account: 'support',
    chain: 'egain',
    connections: { egain: 'egain-main' },
    onFailure: 'rollback',
    adopt: false,
    labels: {},
    notify: [],
    egain: {
      clientApplication: { roles: [customerRole()] },
      channels: [{ type: 'custom.acme', displayName: 'Acme', icon: ICON, account: conversationAccount('+15550100') }],
      orchestration: orchestration(),
    },
    ...overrides,
  };
}

/** The chain of twelve nodes: authentication, two client applications, participant, two channels with accounts, orchestration, app, webhook, readiness. */
export function chain12Spec(overrides: Partial<OnboardingSpec> = {}): OnboardingSpec {
  return minimalEgainSpec({
    connections: { egain: 'egain-main', sinch: 'sinch-eu' },
    egain: {
      authentication: { type: 'basic', basicAuth: { username: 'hub', password: 'callback-password' } },
      clientApplication: { roles: [customerRole()] },
      bot: {
        clientApplication: { roles: [{ ...customerRole(), name: 'custom_bot' }] },
        participant: { intents: { intent: [{ value: 'billing', displayValue: 'Billing' }] } },
      },
      channels: [
        { type: 'custom.acme', displayName: 'Acme', icon: ICON, account: conversationAccount('+15550100') },
        { type: 'custom.acme-shop', displayName: 'Acme shop', icon: ICON, account: conversationAccount('+15550101') },
      ],
      orchestration: orchestration(),
    },
    sinch: {
      app: {
        display_name: 'Acme',
        channel_credentials: [
          { channel: 'WHATSAPP', static_bearer: { claimed_identity: 'sender-1', token: 'sender-token' } },
        ],
      },
      webhooks: [{ target: 'https://acme.example/sinch', triggers: ['MESSAGE_INBOUND'], secret: 'webhook-secret' }],
      waitForActive: 30 * 60_000,
    },
    ...overrides,
  });
}

/** Every documented field of both vendors, set. */
export function fullEgainSpec(overrides: Partial<OnboardingSpec> = {}): OnboardingSpec {
  return minimalEgainSpec({
    connections: { egain: 'egain-main', sinch: 'sinch-eu' },
    onFailure: 'hold',
    adopt: ['egain.clientApplication'],
    labels: { region: 'emea' },
    notify: [
      { url: 'https://acme.example/notify', secret: NOTIFY_SECRET, events: ['succeeded', 'rolled-back', 'held'] },
    ],
    egain: {
      authentication: fullAuthentication(),
      clientApplication: {
        name: 'acme-hub',
        active: true,
        roles: [fullRole('customer'), { ...fullRole('custom_agent'), authentication: { id: OTHER_AUTHENTICATION } }],
      },
      bot: {
        clientApplication: { name: 'acme-bot-hub', active: true, roles: [fullRole('custom_bot')] },
        participant: {
          name: 'acme-faq-bot',
          type: 'custom_bot',
          active: true,
          intents: { intent: [{ value: 'billing', displayValue: 'Billing' }] },
          options: [{ name: 'tone', value: 'kind' }],
        },
      },
      channels: [fullChannel('custom.acme', '+15550100'), fullChannel('custom.acme-shop', '+15550101')],
      orchestration: fullOrchestration(),
    },
    sinch: { app: fullApp(), webhooks: fullWebhooks(), waitForActive: 5 * 60_000 },
    ...overrides,
  });
}

/** The long way for a callback to be authenticated; `basicAuth` is the short one. */
export function fullAuthentication(): JsonObject {
  return {
    name: 'acme-callback-auth',
    active: true,
    type: 'oauth2',
    oauth2: {
      tokenRequestUrl: 'https://acme.example/oauth/token',
      method: 'POST',
      headers: [{ name: 'X-Api-Key', value: 'token-header' }],
      payload: '{"clientId":"hub","clientSecret":"payload-secret"}',
      accessTokenPath: '$.accessToken',
    },
  };
}

const NOTIFY_SECRET = 'whsec_bm90aWZ5LXNlY3JldC1vZi1hY21lLXN1cHBvcnQ=';
const AGENT_APPLICATION = 'a6e47a99-0000-4000-8000-000000000001';
const OTHER_AUTHENTICATION = 'f0e16101-0000-4000-8000-000000000001';

function customerRole(): JsonObject {
  return {
    name: 'customer',
    version: 'v3',
    callback: 'https://acme.example/egain/customer',
    notificationEmail: 'ops@acme.example',
  };
}

function fullRole(name: string): JsonObject {
  return {
    ...customerRole(),
    name,
    headers: [{ name: 'X-Tenant', value: 'role-header' }],
  };
}

function conversationAccount(address: string): JsonObject {
  return {
    address,
    chatConfigurations: { timeout: 30, defaultLanguage: 'en-US', entryPoint: { id: '1001' } },
  };
}

function orchestration(): JsonObject {
  return { applications: { agentConfiguration: { agents: [{ id: AGENT_APPLICATION }] } } };
}

function fullChannel(type: string, address: string): JsonObject & { type: string; account: JsonObject } {
  const features = ['typing_events', 'attachments', 'richText'];
  return {
    type,
    displayName: 'Acme',
    icon: ICON,
    active: true,
    restrictions: {
      inbound: {
        maxTextLength: 1000,
        features,
        attachmentPolicy: { enabled: true, maxSize: 5_000_000, type: 'block', extensions: ['exe', 'bat'] },
      },
      outbound: {
        maxTextLength: 1000,
        features,
        systemMessages: true,
        midChatAuth: true,
        richMessageTypes: ['listpicker', 'quickreply'],
        attachmentPolicy: { enabled: true, maxSize: 5_000_000, type: 'allow', extensions: ['jpeg', 'png'] },
      },
    },
    l10nProperties: [{ language: 'en-US', properties: [{ name: 'msg_hub_off_hours', value: 'We are closed.' }] }],
    account: {
      name: `acme ${type}`,
      active: true,
      address,
      caseManagement: { sameCaseDuration: 60, copyCustomAttributes: true },
      chatConfigurations: {
        timeout: 30,
        defaultLanguage: 'en-US',
        onAgentUnavailability: 'off_hours',
        allowLogoutWithOpenChats: false,
        allowQueueTransferOnAgentUnavailability: false,
        entryPoint: { id: '1001' },
      },
      attributes: [{ name: 'authToken', value: 'attribute-secret' }],
    },
  };
}

function fullOrchestration(): JsonObject {
  return {
    name: 'acme-orchestration',
    active: true,
    applications: {
      botConfiguration: {
        forwardTranscript: true,
        bypassVaDuration: 15,
        bots: [{ onEscalation: { agent: { id: AGENT_APPLICATION } } }],
      },
      agentConfiguration: { agents: [{ id: AGENT_APPLICATION }] },
    },
  };
}

function fullApp(): JsonObject {
  return {
    display_name: 'Acme',
    channel_credentials: CHANNEL_CREDENTIALS.map((entry) => ({ ...entry, callback_secret: 'channel-secret' })),
    conversation_metadata_report_view: 'FULL',
    retention_policy: { retention_type: 'CONVERSATION_EXPIRE_POLICY', ttl_days: 90 },
    dispatch_retention_policy: { retention_type: 'MESSAGE_EXPIRE_POLICY', ttl_days: 7 },
    processing_mode: 'CONVERSATION',
    smart_conversation: { enabled: true },
    callback_settings: { secret_for_overridden_callback_urls: 'overridden-secret' },
    message_retry_settings: { retry_duration: 600 },
    delivery_report_based_fallback: { enabled: true, delivery_report_waiting_time: 60 },
  };
}

function fullWebhooks(): (JsonObject & { target: string })[] {
  return [
    {
      target: 'https://acme.example/sinch',
      target_type: 'HTTP',
      triggers: ['MESSAGE_INBOUND', 'MESSAGE_DELIVERY'],
      secret: 'webhook-secret',
      client_credentials: {
        client_id: 'sinch',
        client_secret: 'webhook-client-secret',
        endpoint: 'https://acme.example/oauth/token',
        scope: 'inbound',
        response_type: 'token',
        token_request_type: 'FORM',
      },
    },
    { target: 'https://acme.example/sinch/events', triggers: ['EVENT_INBOUND'] },
  ];
}
