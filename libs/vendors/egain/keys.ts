import { CLEAR_NAME } from '#libs/contracts/index.js';

/** Node keys of the egain chain (`docs/http.md` §4.4). */
export const EGAIN_KEYS = {
  authentication: 'egain.authentication',
  clientApplication: 'egain.clientApplication',
  botClientApplication: 'egain.bot.clientApplication',
  botParticipant: 'egain.bot.participant',
  channel: (type: string) => `egain.channel.${type}`,
  orchestration: 'egain.orchestration',
  account: (type: string) => `egain.account.${type}`,
} as const;

/**
 * The step name of a node whose key holds a channel type that is not fit to stand in clear: the type's hash in its place. Undefined
 * where the key itself serves.
 */
export function hashedStepName(key: string, sha256: (text: string) => string): string | undefined {
  const prefix = [EGAIN_KEYS.channel(''), EGAIN_KEYS.account('')].find((each) => key.startsWith(each));
  if (prefix === undefined) return undefined;
  const type = key.slice(prefix.length);
  return CLEAR_NAME.test(type) ? undefined : `${prefix}${sha256(type).slice(0, 16)}`;
}

/** Where a node's part of the section stands in a spec, as a pointer without places in arrays. */
export function placeOf(key: string): string {
  if (key.startsWith(EGAIN_KEYS.account(''))) return '/egain/channels/account';
  if (key.startsWith(EGAIN_KEYS.channel(''))) return '/egain/channels';
  return `/${key.replaceAll('.', '/')}`;
}
