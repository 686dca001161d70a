import type { JsonObject, OnboardingSpec } from '#libs/contracts/index.js';

/** A connector's manifest: a header with a secret, a token by its credentials, and no finding at all. */
export function connectorManifest(changes: JsonObject = {}): JsonObject {
  return {
    client_name: 'com.acme.support',
    display_name: 'Acme Support',
    description: 'Support of Acme',
    grant_types: ['client_credentials'],
    scope: 'msg.consumer',
    logo_uri: 'https://acme.example/logo.png',
    capabilities: {
      webhooks: {
        'ms.MessagingEventNotification.ContentEvent': {
          endpoint: 'https://acme.example/liveperson/content',
          max_retries: 3,
          headers: [{ header_name: 'X-Acme', header_value: 'header-secret' }],
        },
        'cqm.ExConversationChangeNotification': { endpoint: 'https://acme.example/liveperson/conversation' },
      },
      engagement: {
        design_engagement: false,
        design_window: false,
        entry_point: ['section', 'url'],
        visitor_behavior: ['visited_location'],
        target_audience: ['ip'],
        goal: ['url'],
        consumer_identity: ['auth'],
        language_selection: false,
      },
    },
    ...changes,
  };
}

/** An account of the liveperson chain, its manifest given as an object. */
export function livepersonSpec(overrides: Partial<OnboardingSpec> = {}): OnboardingSpec {
  return {
    tenant: 'acme',
    account: 'lp',
    chain: 'liveperson',
    connections: { liveperson: 'liveperson-acme' },
    onFailure: 'rollback',
    adopt: false,
    labels: {},
    notify: [],
    liveperson: { manifest: connectorManifest() },
    ...overrides,
  };
}

/** The same, its manifest given as text: unusual blanks and an order of its own, to be kept byte for byte. */
export function livepersonTextSpec(overrides: Partial<OnboardingSpec> = {}): OnboardingSpec {
  const manifest = connectorManifest();
  const text = `${JSON.stringify(manifest, null, 3)}\n\n`;
  return livepersonSpec({ liveperson: { manifest, text }, ...overrides });
}
