const VALUE_LIMIT = 200;

/**
 * Backslash-escapes what Markdown would read, and what would make a link of a bare address of the web or of mail; the UI passes raw HTML
 * into its page. One line, cut.
 */
export function escape(value: string): string {
  const flat = value.replace(/\s+/g, ' ');
  const cut = flat.length > VALUE_LIMIT ? `${flat.slice(0, VALUE_LIMIT - 1)}…` : flat;
  return cut.replace(/[\\<>&[\]()*_~|{}`#:@]|(?<=\bwww)\./gi, (c) => `\\${c}`);
}
