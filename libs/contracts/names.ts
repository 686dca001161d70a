/** The vendors that the engine knows, spelt alike in every path, queue and activity type. */
export const VENDORS = ['egain', 'sinch', 'liveperson'] as const;
export type Vendor = (typeof VENDORS)[number];

/** The chains that can be onboarded. */
export const CHAINS = ['egain', 'liveperson'] as const;
export type Chain = (typeof CHAINS)[number];

/** Names of tenants and accounts: 1..48 characters, lower-case letters, digits and inner hyphens (`docs/http.md` §4). */
export const NAME_PATTERN = /^[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?$/;

/** Name of an installation in ownership markers. */
export const INSTALLATION_PATTERN = /^[a-z0-9-]{1,16}$/;
