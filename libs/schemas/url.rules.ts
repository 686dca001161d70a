import { serviceUrlFault } from '#libs/net/urls.js';
import type { JsonValue } from '#libs/contracts/index.js';
import { selectPaths } from '#libs/planning/index.js';
import { isBlank } from '#libs/text/text-faults.js';
import type { Finding } from '#libs/fields/findings.js';
import { VENDOR_MODULES } from '#libs/vendors/registry.js';

/** The customer's addresses in a spec: everything that a vendor or this engine calls. */
const URL_FIELDS: readonly string[] = [
  'notify[].url',
  ...VENDOR_MODULES.flatMap(({ vendor, section }) => section.urls.map((path) => `${vendor}.${path}`)),
];

/** Dot paths of all URL fields. */
export function urlFields(): readonly string[] {
  return URL_FIELDS;
}

/** Addresses must be complete https URLs of public hosts; private hosts, and plain http for them, only where that is allowed. */
export function urlRules(document: JsonValue, allowPrivateUrls: boolean): Finding[] {
  return URL_FIELDS.flatMap((field) => selectPaths(document, field)).flatMap(({ pointer, value }) => {
    if (typeof value !== 'string' || isBlank(value)) return []; // the schema says what is wrong
    const message = urlFault(value, allowPrivateUrls);
    return message === undefined ? [] : [{ pointer, message }];
  });
}

function urlFault(value: string, allowPrivateUrls: boolean): string | undefined {
  if (/[<>{}]/.test(value)) return 'still holds a placeholder (<...> or {...}): put the real value in its place';
  return serviceUrlFault(value, allowPrivateUrls);
}
