const WEBHOOK = 'sinch.webhook.';

/** Node keys of a Sinch section. */
export const SINCH_KEYS = {
  app: 'sinch.app',
  /** Named by its target: the first 8 hex digits of the target's SHA-256. */
  webhook: (target: string, sha256: (text: string) => string) => `${WEBHOOK}${sha256(target).slice(0, 8)}`,
  /** The condition that all channels of the app are ACTIVE. */
  channels: 'sinch.channels',
} as const;

/** Where a node's part of the section stands in a spec, as a pointer without places in arrays. */
export function placeOf(key: string): string {
  return key.startsWith(WEBHOOK) ? '/sinch/webhooks' : `/${key.replaceAll('.', '/')}`;
}
