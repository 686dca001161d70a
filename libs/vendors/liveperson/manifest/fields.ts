import { type Check, flag, list, object, oneOf, text, type TextRule, undocumented, whole } from './checks.js';
import { engagement } from './engagement.js';
import { entryUri, logoUri, noPlaceholder, redirectUri } from './uris.js';
import { webhooks } from './webhooks.js';

const GRANT_TYPES = ['client_credentials', 'authorization_code', 'refresh_token'];
const RESPONSE_TYPES = ['code', 'token', 'id_token', 'id_token token'];
/** Scopes that the vendor's pages name (D9). */
const KNOWN_SCOPES = new Set(['msg.consumer', 'faas.lambda.invoke', 'users.external']);

const LANGUAGE_TAG =
  /^(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?(?:-(?:[a-z\d]{5,8}|\d[a-z\d]{3}))*(?:-[a-wyz\d](?:-[a-z\d]{2,8})+)*(?:-x(?:-[a-z\d]{1,8})+)?$/i;
const LOCALISED_NAME = 'client_name#';

const SERVER_OWNED = 'is given by LivePerson: leave it out (it belongs to another installation)';

const scopes: TextRule = (value, pointer, review) => {
  if (value.split(' ').some((token) => token !== '' && !KNOWN_SCOPES.has(token))) {
    review.warn(
      pointer,
      `asks for a scope other than ${[...KNOWN_SCOPES].join(', ')}: make sure that LivePerson knows it`,
    );
  }
};

const name = text(
  {
    kind: 'line',
    notBlank: true,
    max: 128,
    warnAbove: { characters: 100, message: 'has more than 100 characters: older pages of LivePerson allow no more' },
  },
  noPlaceholder,
);

const wrongTag: Check = (_value, pointer, review) =>
  review.error(pointer, 'must have a language tag behind the #, such as client_name#de or client_name#pt-BR');

const capabilities = object({
  fields: { webhooks, engagement, broadcast: undocumented(object({ fields: { enabled: flag } })) },
});

/** Every field of a manifest with its type and limits (docs/vendors/liveperson.md §5.1, D1 to D27). */
export const manifestFields: Check = object({
  fields: {
    client_name: name,
    display_name: text({ kind: 'line', max: 128 }),
    description: text({ max: 256 }),
    enabled: flag,
    grant_types: list(oneOf(GRANT_TYPES), { min: 1, unique: true }),
    redirect_uris: list(text({ max: 128 }, redirectUri)),
    response_types: list(oneOf(RESPONSE_TYPES), { unique: true }),
    scope: text({ kind: 'line', max: 128 }, noPlaceholder, scopes),
    logo_uri: text(
      {
        max: 1024,
        warnAbove: { characters: 128, message: 'has more than 128 characters: the connector page allows no more' },
      },
      logoUri,
    ),
    quick_launch_enabled: flag,
    entry_uri: text({ max: 1024 }, entryUri),
    enabled_for_profiles: list(whole(0), { unique: true }),
    categories: undocumented(list(text({ kind: 'line' }))),
    overview: undocumented(text()),
    capabilities,
  },
  required: ['client_name'],
  refused: Object.fromEntries(
    [
      ...['id', 'client_id', 'client_secret', 'client_id_issued_at', 'client_secret_expires_at'],
      ...['deleted', 'is_internal'],
    ].map((key) => [key, SERVER_OWNED]),
  ),
  pattern: (key) => {
    if (!key.startsWith(LOCALISED_NAME)) return undefined;
    return LANGUAGE_TAG.test(key.slice(LOCALISED_NAME.length)) ? name : wrongTag;
  },
});
