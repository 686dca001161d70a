/** The candidate that a misspelt word most likely means; undefined when none is near. Case and `_`, `-` and blanks do not count. */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  const folded = fold(word);
  if (folded === '' || folded.length > 64) return undefined;
  // Two letters that changed places count twice; short words are too near to each other for that.
  const allowed = folded.length < 3 ? 0 : folded.length < 5 ? 1 : Math.max(2, Math.floor(folded.length / 4));
  let best: { candidate: string; distance: number } | undefined;
  for (const candidate of candidates) {
    const distance = editDistance(folded, fold(candidate));
    if (distance <= allowed && (!best || distance < best.distance)) best = { candidate, distance };
  }
  return best?.candidate;
}

function fold(word: string): string {
  return word.toLowerCase().replace(/[_\-\s]/g, '');
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
