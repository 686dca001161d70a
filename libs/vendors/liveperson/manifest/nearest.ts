/** A name that is longer than this is no misspelt field. */
const LONGEST_NAME = 80;

/** The end of a sentence that offers the known name which a misspelt one most likely means; empty when none is near. */
export type Suggestion = (name: string) => string;

/** Offers names out of a list. Case, `_`, `-` and blanks do not count. */
export function suggestFrom(known: readonly string[]): Suggestion {
  const candidates = known.map((name) => ({ name, folded: fold(name) }));
  return (name) => {
    if (name.length > LONGEST_NAME) return '';
    const folded = fold(name);
    if (folded === '') return '';
    let allowed = Math.max(1, Math.floor(folded.length / 4));
    let best: string | undefined;
    for (const candidate of candidates) {
      const distance = editDistance(folded, candidate.folded, allowed);
      if (distance > allowed) continue;
      best = candidate.name;
      allowed = distance - 1;
    }
    return best === undefined ? '' : `; did you mean ${best}?`;
  };
}

function fold(name: string): string {
  return name.toLowerCase().replace(/[_\-\s]/g, '');
}

/** Levenshtein's distance (insertions, deletions, replacements), or more than `limit` as soon as it cannot be less. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let row = new Uint16Array(b.length + 1).map((_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = new Uint16Array(b.length + 1);
    next[0] = i;
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const distance = Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1);
      next[j] = distance;
      least = Math.min(least, distance);
    }
    if (least > limit) return limit + 1;
    row = next;
  }
  return row[b.length] ?? 0;
}
