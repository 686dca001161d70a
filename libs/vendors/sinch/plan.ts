import { isJsonObject, type JsonObject, type OnboardingSpec, type PlanNode } from '#libs/contracts/index.js';
import { createNodeFactory, defaultName, type NodeFactory, type PlanningContext, ref } from '#libs/planning/index.js';
import { SINCH } from './errors.js';
import { SINCH_KEYS } from './keys.js';
import type { SinchSpec, SinchWebhookSpec } from './spec.js';

/** Longest part of `display_name` that is the customer's; the marker follows it (`docs/vendors/sinch.md` §3.1). */
export const SINCH_NAME_LIMIT = 128;

/** The nodes of the Sinch section: the app, its webhooks and the condition that its channels are active. None waits for another vendor. */
export function planSinch(spec: OnboardingSpec, sinch: SinchSpec, ctx: PlanningContext): PlanNode[] {
  const factory = createNodeFactory(spec, ctx, SINCH, spec.connections.sinch ?? '');
  return [
    planApp(sinch, factory, ctx),
    ...sinch.webhooks.map((webhook) => planWebhook(webhook, factory, ctx)),
    ...planChannels(sinch, factory),
  ];
}

function planApp(sinch: SinchSpec, factory: NodeFactory, ctx: PlanningContext): PlanNode {
  const key = SINCH_KEYS.app;
  const marker = factory.marker(key);
  const given = sinch.app['display_name'];
  const name = typeof given === 'string' ? given : defaultName(factory.account, key, SINCH_NAME_LIMIT, ctx.sha256);
  return factory.node({
    key,
    resource: 'app',
    title: 'Sinch app',
    marker,
    // Both are sent always: the credentials are required, and the mode's default differs between Sinch's own documents.
    body: { channel_credentials: [], processing_mode: 'DISPATCH', ...sinch.app, display_name: `${name} [${marker}]` },
  });
}

function planWebhook(webhook: SinchWebhookSpec, factory: NodeFactory, ctx: PlanningContext): PlanNode {
  const { client_credentials: credentials, ...given } = webhook;
  const key = SINCH_KEYS.webhook(webhook.target, ctx.sha256);
  return factory.node({
    key,
    resource: 'webhook',
    title: `Webhook ${key.slice(key.lastIndexOf('.') + 1)}`,
    body: {
      target_type: 'HTTP',
      ...given,
      // null says "none", and so does its absence.
      ...(isJsonObject(credentials) ? { client_credentials: credentials } : {}),
      app_id: ref(SINCH_KEYS.app),
    },
  });
}

function planChannels(sinch: SinchSpec, factory: NodeFactory): PlanNode[] {
  const credentials = sinch.app['channel_credentials'];
  const channels = (Array.isArray(credentials) ? credentials : []).filter(isJsonObject).map(channelOf);
  if (sinch.waitForActive === false || channels.length === 0) return [];
  return [
    factory.node({
      key: SINCH_KEYS.channels,
      resource: 'channels',
      title: 'Sinch channels active',
      waits: true,
      body: { app_id: ref(SINCH_KEYS.app), channels, timeout_ms: sinch.waitForActive },
    }),
  ];
}

function channelOf(entry: JsonObject): JsonObject {
  const { channel, credential_ordinal_number: ordinal } = entry;
  return { channel: channel ?? null, ...(ordinal === undefined ? {} : { credential_ordinal_number: ordinal }) };
}
