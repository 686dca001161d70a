import { textFault } from '#libs/text/text-faults.js';
import { urlRewriteFault, urlTextFault } from '#libs/text/url-faults.js';
import type { TextRule } from './checks.js';
import type { Review } from './review.js';

const UNENCRYPTED = /^http:/i;
const PLACEHOLDER = /\{[^{}]*\}|<[^<>]*>/;

/** Names that no public DNS answers for; one without a dot belongs to a local network. */
const PRIVATE_NAME = /(?:^|\.)(?:localhost|local|internal|lan|home\.arpa|test|invalid)\.?$|^[^.:]+$/;
const LOOPBACK = /(?:^|\.)localhost\.?$|^127\.|^\[::1\]$|^\[::ffff:7f/;
const PRIVATE_IPV4 =
  /^(?:0|10|127)\.|^169\.254\.|^192\.168\.|^172\.(?:1[6-9]|2\d|3[01])\.|^100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./;
const PRIVATE_IPV6 =
  /^\[(?:::1?\]|f[cd]|fe[89ab]|::ffff:(?:0?\]|0:|a[0-9a-f]{2}:|7f|a9fe:|c0a8:|ac1[0-9a-f]:|64[4-7][0-9a-f]:))/;

/** Refuses what was left in a template: `{...}` or `<...>`. */
export const noPlaceholder: TextRule = (value, pointer, review) => {
  if (PLACEHOLDER.test(value)) review.error(pointer, PLACEHOLDER_MESSAGE);
};

/** `redirect_uris` (docs/vendors/liveperson.md §5.1, D7). */
export const redirectUri: TextRule = (value, pointer, review) => {
  if (!isUri(value, pointer, review)) return;
  if (value.includes('#')) review.error(pointer, 'must not hold a fragment (#...)');
  if (UNENCRYPTED.test(value) && !LOOPBACK.test(new URL(value).hostname)) {
    review.warn(pointer, 'is not encrypted: use https unless it is for a trial');
  }
};

/** `entry_uri`: absolute, and better https. */
export const entryUri: TextRule = (value, pointer, review) => {
  if (isUri(value, pointer, review) && UNENCRYPTED.test(value)) review.warn(pointer, 'is not encrypted: use https');
};

/** `logo_uri`: absolute, a path of the site, or empty (D5). */
export const logoUri: TextRule = (value, pointer, review) => {
  if (value === '') return;
  if (!value.startsWith('/')) {
    isUri(value, pointer, review, ', a path that begins with /, or empty');
    return;
  }
  const message = PLACEHOLDER.test(value) ? PLACEHOLDER_MESSAGE : pathFault(value);
  if (message !== undefined) review.error(pointer, message);
};

/** A webhook's `endpoint`: https alone; a host that LivePerson cannot reach is a warning. */
export const endpoint: TextRule = (value, pointer, review) => {
  if (!value.startsWith('https://')) {
    review.error(pointer, 'must begin with https://');
    if (PLACEHOLDER.test(value)) review.error(pointer, PLACEHOLDER_MESSAGE);
    return;
  }
  if (isUri(value, pointer, review) && isPrivate(new URL(value).hostname)) {
    review.warn(pointer, 'names a loopback, private or unknown host: LivePerson will not reach it');
  }
};

const PLACEHOLDER_MESSAGE = 'still holds a placeholder (<...> or {...}): put the real value in its place';
const NON_ASCII = /[^\0-\x7f]/;

/** Whether the text is an absolute http or https address that every program reads alike; if not, an error is reported. */
function isUri(value: string, pointer: string, review: Review, others = ''): boolean {
  const beginning = `must be an absolute URL that begins with https:// or http://${others}`;
  const message = PLACEHOLDER.test(value)
    ? PLACEHOLDER_MESSAGE
    : (urlTextFault(value, { allowNonAscii: true, beginning }) ?? urlRewriteFault(value));
  if (message !== undefined) {
    review.error(pointer, message);
    return false;
  }
  if (NON_ASCII.test(value)) review.warn(pointer, 'holds characters outside ASCII: percent-encode them (ü is %C3%BC)');
  return true;
}

function pathFault(value: string): string | undefined {
  if (/\s/.test(value)) return 'must not hold blanks or line breaks';
  if (value.startsWith('//')) return 'must begin with one slash: with two it names a host';
  return value.includes('\\') ? 'must not hold a backslash' : textFault(value, 'identifier');
}

function isPrivate(host: string): boolean {
  return PRIVATE_NAME.test(host) || PRIVATE_IPV4.test(host) || PRIVATE_IPV6.test(host);
}
