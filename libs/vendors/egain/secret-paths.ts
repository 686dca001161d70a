import { under } from '../common/secret-fields.js';

/** Secret fields in the body of each resource (`docs/vendors/egain.md` §7), as dot paths. */
export const SECRET_PATHS = {
  authentication: ['basicAuth.password', 'oauth2.payload', 'oauth2.headers[].value'],
  clientApplication: ['roles[].headers[].value'],
  participant: [],
  channel: [],
  orchestration: [],
  account: ['attributes[].value'],
} as const satisfies Record<string, readonly string[]>;

/** Secret fields of the section, as dot paths. */
export const SECTION_SECRETS: readonly string[] = [
  ...under('authentication', SECRET_PATHS.authentication),
  ...under('clientApplication', SECRET_PATHS.clientApplication),
  ...under('bot.clientApplication', SECRET_PATHS.clientApplication),
  ...under('channels[].account', SECRET_PATHS.account),
];
