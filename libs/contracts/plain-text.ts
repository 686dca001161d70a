/**
 * What has no place in a line of text: control characters (line breaks and the escape sequences of terminals), separators of lines,
 * marks of direction and other invisible ones, halves of a surrogate pair, and code points that stand for nothing.
 */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cf}\p{Cs}\p{Co}\p{Cn}]/gu;

/** Of these, those that keep words apart. */
const SEPARATORS = /[\p{Cc}\p{Zl}\p{Zp}]/u;

/**
 * A text from elsewhere as one line that shows nothing but what it says. Returns at most `limit` characters; an ellipsis is the last
 * one where more was cut.
 */
export function plainLine(text: string, limit = Infinity): string {
  const line = text
    .replace(UNPRINTABLE, (character) => (SEPARATORS.test(character) ? ' ' : ''))
    .replace(/\s+/g, ' ')
    .trim();
  if (line.length <= limit) return line;
  const kept = line.slice(0, Math.max(limit - 1, 0));
  // Never half of a pair.
  return `${/[\ud800-\udbff]$/.test(kept) ? kept.slice(0, -1) : kept}…`;
}
