import { textFault } from './text-faults.js';

const BEGINNING = 'must be an absolute URL that begins with https://';

/** Scheme, authority, and what follows it. */
const SHAPE = /^https?:\/\/([^/?#\\]+)(.*)$/i;
/** Host, and the port with its colon. User names are refused elsewhere. */
const AUTHORITY = /^(?:[^@]*@)?(\[[^\]]*\]|[^:]*)(:.*)?$/;
const PORT = /^:(?:0|[1-9]\d{0,4})$/;
const DOT_SEGMENT = /[/\\](?:\.|%2e){1,2}(?=[/\\?#]|$)/i;
const BROKEN_ESCAPE = /%(?![0-9a-f]{2})/i;
const ASCII = /^[\0-\x7f]*$/;

/** The URL in a text; undefined where there is none. (`URL.canParse` of Node 20 is wrong about characters from U+0080 to U+00FF once it is hot.) */
export function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** What a URL is judged by. */
export interface UrlRules {
  /** Take characters outside ASCII behind the host as they are (an IRI), where the vendor's own examples do. Default: false. */
  allowNonAscii?: boolean;
  /** What is said of a text that is no absolute URL at all, where http is allowed or other forms are. */
  beginning?: string;
}

/**
 * What keeps a text from being an absolute http or https URL that every program reads alike. The platform's parser repairs a great
 * deal (missing and turned slashes, blanks and control characters, hosts in other notations), but whoever is given the text may
 * not. Undefined when nothing does. Which hosts are allowed is not judged here.
 */
export function urlTextFault(text: string, rules: UrlRules = {}): string | undefined {
  const { allowNonAscii = false, beginning = BEGINNING } = rules;
  if (/\s/.test(text)) return 'must not hold blanks or line breaks';
  const unseen = textFault(text, 'identifier');
  if (unseen !== undefined) return unseen;
  const [, authority, rest = ''] = SHAPE.exec(text) ?? [];
  if (authority === undefined) return beginning;
  if (!ASCII.test(authority)) return 'must name its host in ASCII: an international name as xn--...';
  if (parseUrl(text) === undefined) return beginning;
  if (rest.includes('\\')) return 'must not hold a backslash';
  if (!allowNonAscii && !ASCII.test(rest)) return 'must hold only ASCII: percent-encode other characters (ü is %C3%BC)';
  if (/["<>`{}|^]/.test(rest)) return 'holds a character that must be percent-encoded in a URL: one of " < > ` { } | ^';
  if (BROKEN_ESCAPE.test(text))
    return 'holds a % that is not followed by two hex digits: write %25 for the sign itself';
  return undefined;
}

/**
 * What the platform's parser would change in a URL that has no `urlTextFault`: a host in another notation (`127.1`, `0x7f.0.0.1`), a
 * port that is none, segments of dots. Undefined when it would change nothing but upper-case letters of scheme and host.
 */
export function urlRewriteFault(text: string): string | undefined {
  const [, authority = '', rest = ''] = SHAPE.exec(text) ?? [];
  const [, host = '', port] = AUTHORITY.exec(authority) ?? [];
  if (port !== undefined && !PORT.test(port)) return 'must have a port from 0 to 65535 behind the colon, or no colon';
  if (!host.startsWith('[') && host.toLowerCase() !== new URL(text).hostname) {
    return 'names its host in a form that is read as another one: write name or address in full';
  }
  if (DOT_SEGMENT.test(rest.split(/[?#]/)[0] ?? '')) return 'must not hold . or .. as a part of its path';
  return undefined;
}
