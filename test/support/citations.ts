/** Reads what files say about pages of this repository: which page, which section. Pure; the files are the caller's. */

/** What can be cited of a page: its numbered headings, the numbered items below them, the rows `D1`, `D2`..., and the anchors of its headings. */
export interface Page {
  /** `7.4` for a heading, `11.9` for item 9 of the list below heading 11, `D13` for such a row. */
  readonly sections: ReadonlySet<string>;
  readonly anchors: ReadonlySet<string>;
}

/** Pages by their path from the root of the repository. */
export type Pages = ReadonlyMap<string, Page>;

/** A citation that cannot be followed. */
export interface CitationFault {
  /** The words at fault, as they stand. */
  readonly text: string;
  readonly why: string;
}

/** Returns what can be cited of a Markdown page. */
export function readPage(markdown: string): Page {
  const sections = new Set<string>();
  const anchors = new Set<string>();
  let section = '';
  for (const line of withoutFences(markdown).split('\n')) {
    const [, heading] = /^#{1,6} +(.+)$/.exec(line) ?? [];
    if (heading !== undefined) {
      anchors.add(anchorOf(heading));
      section = /^(\d+(?:\.\d+)*)\.? /.exec(heading)?.[1] ?? '';
      if (section !== '') sections.add(section);
      continue;
    }
    const [, item] = /^(\d+)\. /.exec(line) ?? [];
    if (item !== undefined && section !== '') sections.add(`${section}.${item}`);
    for (const [row] of (/^\| ((?:D\d+)(?:, D\d+)*) \|/.exec(line)?.[1] ?? '').matchAll(/D\d+/g)) sections.add(row);
  }
  return { sections, anchors };
}

/** The anchor that GitHub gives a heading. */
export function anchorOf(heading: string): string {
  return heading
    .replaceAll(/[`*]/g, '')
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

const PAGE = /(?<![\w./*{}-])(?:[\w.-]+\/)*[\w-]+\.md\b/;
const SECTION = /§(\d+(?:\.\d+)*)(?: step (\d+))?/;
const ROW = /\bD(\d+)\b(?: to D(\d+)\b)?/;
/** `RFC 6749 §5.2` is a section of somebody else's. */
const RFC = /\bRFC \d+,? (?:sections? \d+(?:\.\d+)*|§\d+(?:\.\d+)*)/;
const WORD = /\bsections? \d+(?:\.\d+)*/;
const TOKENS = new RegExp([RFC, PAGE, SECTION, WORD, ROW].map(({ source }) => `(${source})`).join('|'), 'g');

/**
 * Returns what is wrong with the citations in a source file. A page is named by its path from the root, a section behind it by `§`:
 * `docs/vendors/egain.md` §7.4, §9. A section without a page belongs to the last page that the same comment, or line, has named.
 */
export function sourceFaults(text: string, pages: Pages): CitationFault[] {
  return joinComments(text)
    .split('\n')
    .flatMap((line) => lineFaults(line, pages));
}

function lineFaults(line: string, pages: Pages): CitationFault[] {
  const faults: CitationFault[] = [];
  let page: Page | undefined;
  let unknown = false;
  for (const [token] of line.matchAll(TOKENS)) {
    if (RFC.test(token)) continue;
    if (PAGE.test(token)) {
      page = pages.get(token);
      unknown = !page;
      if (unknown) faults.push({ text: token, why: 'names no page of this repository' });
    } else if (WORD.test(token)) {
      faults.push({ text: token, why: 'is to be written with §, behind the path of its page' });
    } else if (token.startsWith('§')) {
      if (page) faults.push(...sectionFaults(token, page));
      else if (!unknown) faults.push({ text: token, why: 'names no page' });
    } else if (page) {
      faults.push(...rowFaults(token, page)); // D with a number means something of its own elsewhere
    }
  }
  return faults;
}

function sectionFaults(token: string, { sections }: Page): CitationFault[] {
  const [, section = '', step] = SECTION.exec(token) ?? [];
  const wanted = step === undefined ? section : `${section}.${step}`;
  return sections.has(wanted) ? [] : [{ text: token, why: 'names no section of its page' }];
}

function rowFaults(token: string, { sections }: Page): CitationFault[] {
  const [, first, last = first] = ROW.exec(token) ?? [];
  return [first, last].every((row) => sections.has(`D${row ?? ''}`))
    ? []
    : [{ text: token, why: 'names no row of its page' }];
}

/**
 * Returns what is wrong with the links and sections of a Markdown page: links to files and anchors that are not there, sections that
 * do not exist, labels without an address and addresses without a label.
 * @param file - its path from the root of the repository
 * @param exists - whether there is a file or folder at a path from the root
 */
export function pageFaults(
  file: string,
  markdown: string,
  pages: Pages,
  exists: (path: string) => boolean,
): CitationFault[] {
  const text = withoutFences(markdown);
  const prose = text.replaceAll(/`[^`\n]*`/g, '');
  return [
    ...[...prose.matchAll(/\]\(([^)\s]+)\)/g), ...prose.matchAll(/^\[[^\]]+\]: (\S+)$/gm)].flatMap(([, target = '']) =>
      targetFaults(file, target, pages, exists),
    ),
    ...labelFaults(prose),
    ...sectionsInProse(file, prose, pages),
    ...[
      ...text.matchAll(
        /`((?:apps|libs|workflows|activities|test|docs|scripts|examples|config|docker)\/[\w./-]+\.(?:ts|mjs|js|json|sh|md))`/g,
      ),
    ]
      .filter(([, path = '']) => !exists(path))
      .map(([, path = '']) => ({ text: path, why: 'is not there' })),
  ];
}

function targetFaults(file: string, target: string, pages: Pages, exists: (path: string) => boolean): CitationFault[] {
  if (/^[a-z]+:/.test(target)) return [];
  const [path = '', anchor] = target.split('#');
  const cited = path === '' ? file : resolve(file, path);
  if (!exists(cited)) return [{ text: target, why: 'is a link to nothing' }];
  if (anchor === undefined || pages.get(cited)?.anchors.has(anchor)) return [];
  return [{ text: target, why: 'is a link to an anchor that its page does not have' }];
}

/** `[label]` needs a line `[label]: address`, and that line a use; only pages that have such lines at all are asked. */
function labelFaults(prose: string): CitationFault[] {
  const defined = new Set([...prose.matchAll(/^\[([^\]]+)\]: /gm)].map(([, label = '']) => label));
  if (defined.size === 0) return [];
  const body = prose.replaceAll(/^\[[^\]]+\]: .*$/gm, '');
  const used = new Set([...body.matchAll(/\[([^\][]+)\](?!\()/g)].map(([, label = '']) => label));
  return [
    ...[...used].filter((label) => !defined.has(label)).map((label) => ({ text: `[${label}]`, why: 'has no address' })),
    ...[...defined]
      .filter((label) => !used.has(label))
      .map((label) => ({ text: `[${label}]`, why: 'is used nowhere' })),
  ];
}

/** A section in a page is its own, unless a link to another page stands right before it. */
function sectionsInProse(file: string, prose: string, pages: Pages): CitationFault[] {
  const cited = /(?:\]\(([^)\s#]+\.md)\) )?§(\d+(?:\.\d+)*)(?: step (\d+))?|\bRFC \d+ §/g;
  return [...prose.matchAll(cited)].flatMap(([token, link, section = '', step]) => {
    if (token.startsWith('RFC')) return [];
    const page = pages.get(link === undefined ? file : resolve(file, link));
    const wanted = step === undefined ? section : `${section}.${step}`;
    return page?.sections.has(wanted) ? [] : [{ text: token, why: 'names no section of its page' }];
  });
}

/** The path from the root that a link in a file means. */
function resolve(file: string, target: string): string {
  const url = new URL(target, `file:///${file}`);
  return decodeURIComponent(url.pathname).replace(/^\//, '').replace(/\/$/, '');
}

/** A comment of several lines as one, so that a citation may be broken between them. */
function joinComments(text: string): string {
  return text.replaceAll(/\n[ \t]*(?:\*(?!\/)|\/\/|#)[ \t]?/g, ' ');
}

function withoutFences(markdown: string): string {
  return markdown.replaceAll(/^```[\s\S]*?^```$/gm, '').replaceAll(/^ {4}.*$/gm, '');
}
