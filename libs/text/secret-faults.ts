import { hasLoneSurrogate, SURROGATE_MESSAGE } from './text-faults.js';

// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
// eslint-disable-next-line no-control-regex -- the same without tabs and line breaks
const CONTROL_IN_LINES = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/;
// eslint-disable-next-line no-control-regex -- the same without tabs, which a header may hold
const CONTROL_IN_HEADER = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/;
const LINE_BREAK = /[\n\r\u0085\u2028\u2029]/;

/** What a secret may hold: a password or token on one line, or a body of several. */
export type SecretForm = 'line' | 'lines';

/**
 * What keeps a secret from reaching its reader unchanged; undefined when nothing does. Unlike `textFault` it names no character,
 * and takes what looks odd: a secret may look so.
 */
export function secretFault(secret: string, form: SecretForm): string | undefined {
  if (hasLoneSurrogate(secret)) return SURROGATE_MESSAGE;
  if (form === 'line' && LINE_BREAK.test(secret)) return 'must not hold a line break';
  return (form === 'line' ? CONTROL : CONTROL_IN_LINES).test(secret) ? 'must not hold a control character' : undefined;
}

/** What keeps a text from being the value of an HTTP header (RFC 9110 section 5.5); undefined when nothing does. */
export function headerValueFault(value: string): string | undefined {
  if (hasLoneSurrogate(value)) return SURROGATE_MESSAGE;
  if (LINE_BREAK.test(value)) return 'must not hold a line break';
  if (CONTROL_IN_HEADER.test(value)) return 'must not hold a control character';
  return /^[ \t]|[ \t]$/.test(value) ? 'must not begin or end with a blank: HTTP cuts it off' : undefined;
}
