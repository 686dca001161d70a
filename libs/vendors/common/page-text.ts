/** So much of a page is read: its head and first words say who sent it. */
const LONGEST_PAGE = 8_000;

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

/** The words of an HTML or XML page, without its tags, scripts and styles; undefined when there are none. */
export function pageText(page: string): string | undefined {
  const words = page
    .slice(0, LONGEST_PAGE)
    .replace(/<!--.*?(?:-->|$)/gs, ' ')
    .replace(/<(script|style)\b.*?(?:<\/\1\s*>|$)/gis, ' ')
    .replace(/<[^>]*(?:>|$)/g, ' ')
    .replace(/&(#x?[\da-f]{1,6}|\w{1,6});/gi, (whole, name: string) => entity(name) ?? whole)
    .replace(/\s+/g, ' ')
    .trim();
  return words === '' ? undefined : words;
}

function entity(name: string): string | undefined {
  if (!name.startsWith('#')) return Object.hasOwn(ENTITIES, name) ? ENTITIES[name] : undefined;
  const code = /^#x/i.test(name) ? parseInt(name.slice(2), 16) : parseInt(name.slice(1), 10);
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}
