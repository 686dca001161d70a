/** Name of a vendor, `egain`: spelt alike in every path, queue and activity type. Which there are says `libs/vendors/registry.ts`. */
export type Vendor = string;

/** Name of what can be onboarded: a vendor's section that leads, with those that may stand beside it (`libs/vendors/registry.ts`). */
export type Chain = string;

/** How the names of vendors are written. */
export const VENDOR_PATTERN = /^[a-z][a-z0-9]{0,30}$/;

/** Names of tenants and accounts: 1..48 characters, lower-case letters, digits and inner hyphens (`docs/http.md` §4). */
export const NAME_PATTERN = /^[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?$/;

/** Name of an installation in ownership markers. */
export const INSTALLATION_PATTERN = /^[a-z0-9-]{1,16}$/;
