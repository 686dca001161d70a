/** Node keys of the egain chain (`api.md` section 4.4). */
export const EGAIN_KEYS = {
  authentication: 'egain.authentication',
  clientApplication: 'egain.clientApplication',
  botClientApplication: 'egain.bot.clientApplication',
  botParticipant: 'egain.bot.participant',
  channel: (type: string) => `egain.channel.${type}`,
  orchestration: 'egain.orchestration',
  account: (type: string) => `egain.account.${type}`,
} as const;

/** Node keys of the liveperson chain. */
export const LIVEPERSON_KEYS = { app: 'liveperson.app' } as const;

/** Where a node's section stands in a spec, as a pointer without places in arrays. */
export function specPlaceOf(key: string): string {
  if (key.startsWith(EGAIN_KEYS.account(''))) return '/egain/channels/account';
  if (key.startsWith(EGAIN_KEYS.channel(''))) return '/egain/channels';
  if (key.startsWith(WEBHOOK)) return '/sinch/webhooks';
  if (key === LIVEPERSON_KEYS.app) return '/liveperson';
  return `/${key.replaceAll('.', '/')}`;
}

const WEBHOOK = 'sinch.webhook.';

/** Node keys of a Sinch section. */
export const SINCH_KEYS = {
  app: 'sinch.app',
  /** Named by its target: the first 8 hex digits of the target's SHA-256. */
  webhook: (target: string, sha256: (text: string) => string) => `${WEBHOOK}${sha256(target).slice(0, 8)}`,
  /** The condition that all channels of the app are ACTIVE. */
  channels: 'sinch.channels',
} as const;
