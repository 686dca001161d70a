/** On every answer: it is of the type that it names, nobody may frame it or run anything in it, and it leads nowhere. */
export const SECURITY_HEADERS = {
  'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
} as const;

/** On every refusal, also of addresses that are none: what stands between must not answer it to the next caller. */
export const REFUSAL_HEADERS = { ...SECURITY_HEADERS, 'cache-control': 'no-store' } as const;

/** For the one page, which loads its own files, asks this API, and sets styles and pictures by itself. */
export const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
