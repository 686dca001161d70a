/**
 * What kind of text a field holds, by who reads it:
 * - `identifier`: compared or looked up by machines (ids, addresses, names of variables). Two that look the same must be the same.
 * - `line`: a name that people read, on one line.
 * - `lines`: text that people or programs read, over as many lines as it likes.
 */
export type TextKind = 'identifier' | 'line' | 'lines';

/**
 * What keeps a text of this kind from reaching its reader as it looks here: characters that nobody sees or that cannot be written
 * in UTF-8, and blanks that get lost. Undefined when nothing does; an empty text has no fault.
 */
export function textFault(text: string, kind: TextKind): string | undefined {
  return brokenFault(text) ?? controlFault(text, kind) ?? KIND_FAULTS[kind](text);
}

/** True for a text in which nothing can be seen: it is empty, or holds only blanks and invisible characters. */
export function isBlank(text: string): boolean {
  return /^[\s\u2800\p{Default_Ignorable_Code_Point}]*$/u.test(text);
}

/** True for a text that begins or ends with a blank or a line break. */
export function hasOuterBlank(text: string): boolean {
  return /^[\s\u2800]|[\s\u2800]$/.test(text);
}

/** True for a text that holds a character which nobody sees. */
export function hasInvisible(text: string): boolean {
  return INVISIBLE.test(text);
}

/** True for a text that holds half of a surrogate pair: it cannot be written in UTF-8 without a change. */
export function hasLoneSurrogate(text: string): boolean {
  return /[\ud800-\udfff]/.test(text) && /\p{Cs}/u.test(text);
}

export const SURROGATE_MESSAGE = 'holds half of a surrogate pair: write the whole character';

/** Characters that show nothing: joiners, marks of direction, soft hyphens, fillers, byte order marks, annotation marks. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\ufff9-\ufffb]/u;

/**
 * Invisible characters that change what is seen, in names: joiners between letters of scripts that need them, and what emoji are
 * made of. After a plain letter they would show nothing.
 */
const SHAPING =
  /(?<=[^\0-\x7f])(?:[\u200c\u200d](?=[^\0-\x7f])|[\ufe00-\ufe0f\u{e0100}-\u{e01ef}])|(?<=[0-9#*])\ufe0f(?=\u20e3)|(?<=\u{1f3f4})[\u{e0020}-\u{e007e}]+\u{e007f}/gu;

/** Blanks that look like the plain one. */
const ODD_BLANK = /[^\S ]|\u2800/u;

const LINE_BREAK = /[\n\r\u0085\u2028\u2029]/;
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
// eslint-disable-next-line no-control-regex -- the same without tabs and line breaks
const CONTROL_IN_LINES = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f]/;
const NONCHARACTER = /\p{Noncharacter_Code_Point}/u;

/** Longer identifiers are not brought to a normal form: that takes time which grows with the square of the length. */
const LONGEST_NORMALIZED = 255;

const KIND_FAULTS: Readonly<Record<TextKind, (text: string) => string | undefined>> = {
  identifier: (text) => {
    if (hasOuterBlank(text)) return OUTER_BLANK_MESSAGE;
    const odd = ODD_BLANK.exec(text)?.[0];
    if (odd !== undefined) return `holds a blank that is not the plain one (${codePoint(odd)}): write a plain blank`;
    const unseen = INVISIBLE.exec(text)?.[0];
    if (unseen !== undefined) return invisibleMessage(unseen);
    if (text.length > LONGEST_NORMALIZED || text === text.normalize('NFC')) return undefined;
    return 'holds a letter with its accent written apart, which looks like another text: write both in one (Unicode NFC)';
  },
  line: (text) => {
    if (hasOuterBlank(text)) return OUTER_BLANK_MESSAGE;
    const unseen = INVISIBLE.exec(text.replace(SHAPING, ''))?.[0];
    return unseen === undefined ? undefined : invisibleMessage(unseen);
  },
  lines: () => undefined,
};

const OUTER_BLANK_MESSAGE = 'must not begin or end with a blank';

/** What no reader gets as it was meant, whatever the text is for. */
function brokenFault(text: string): string | undefined {
  if (hasLoneSurrogate(text)) return SURROGATE_MESSAGE;
  if (text.includes('\ufffd')) {
    return 'holds the character that stands for one that could not be read (U+FFFD): save the file as UTF-8 and write it anew';
  }
  const odd = NONCHARACTER.exec(text)?.[0];
  return odd === undefined ? undefined : `holds a code that is no character (${codePoint(odd)}): take it out`;
}

function controlFault(text: string, kind: TextKind): string | undefined {
  if (kind !== 'lines' && LINE_BREAK.test(text)) return 'must not hold a line break';
  const found = (kind === 'lines' ? CONTROL_IN_LINES : CONTROL).exec(text)?.[0];
  return found === undefined ? undefined : `holds a control character (${codePoint(found)}): take it out`;
}

function invisibleMessage(character: string): string {
  return `holds an invisible character (${codePoint(character)}): take it out`;
}

function codePoint(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
