/** A name that is longer than this is no misspelt field. */
const LONGEST_NAME = 80;

/** The known name that a misspelt one most likely means; undefined when none is near. Case, `_`, `-` and blanks do not count. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  if (name.length > LONGEST_NAME) return undefined;
  const folded = fold(name);
  let best: { name: string; distance: number } | undefined;
  for (const candidate of known) {
    const other = fold(candidate);
    const allowed = Math.min(best ? best.distance - 1 : Infinity, Math.max(1, Math.floor(folded.length / 4)));
    if (folded === '' || Math.abs(folded.length - other.length) > allowed) continue;
    const distance = editDistance(folded, other);
    if (distance <= allowed) best = { name: candidate, distance };
  }
  return best?.name;
}

/** The end of a sentence that offers the nearest known name, if there is one. */
export function didYouMean(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  return near === undefined ? '' : `; did you mean ${near}?`;
}

function fold(name: string): string {
  return name.toLowerCase().replace(/[_\-\s]/g, '');
}

/** Levenshtein's distance: insertions, deletions and replacements. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
