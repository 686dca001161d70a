/** A word that is longer than this (UTF-16 units) is no misspelling. */
const LONGEST_WORD = 80;
/** How many findings of one input get a hint: looking for the nearest name takes time, and nobody reads more. */
const MOST_HINTS = 20;

/** The candidate that a misspelt word most likely means; undefined when none is near. Case and `_`, `-` and blanks do not count. */
export type Closest = (word: string) => string | undefined;

/** Finds the nearest of some candidates. The work is bounded by their number, however long the word is. */
export function closestOf(candidates: readonly string[]): Closest {
  const known = candidates.map((name) => ({ name, folded: fold(name) }));
  return (word) => {
    if (word.length > LONGEST_WORD) return undefined;
    const folded = fold(word);
    if (folded === '') return undefined;
    // Two letters that changed places count twice; short words are too near to each other for that.
    let allowed = folded.length < 3 ? 0 : folded.length < 5 ? 1 : Math.max(2, Math.floor(folded.length / 4));
    let best: string | undefined;
    for (const candidate of known) {
      const distance = editDistance(folded, candidate.folded, allowed);
      if (distance > allowed) continue;
      best = candidate.name;
      if (distance === 0) return best;
      allowed = distance - 1;
    }
    return best;
  };
}

/** Hints for the findings of one input: the first of them get one, the others are said without. */
export class Hints {
  #given = 0;

  /** What `hint` returns while hints are given; undefined afterwards, without asking it. */
  next<T>(hint: () => T): T | undefined {
    if (this.#given >= MOST_HINTS) return undefined;
    this.#given++;
    return hint();
  }
}

function fold(word: string): string {
  return word.toLowerCase().replace(/[_\-\s]/g, '');
}

/** Levenshtein's distance (insertions, deletions, replacements), or more than `limit` as soon as it cannot be less. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const distance = Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1);
      next.push(distance);
      least = Math.min(least, distance);
    }
    if (least > limit) return limit + 1;
    row = next;
  }
  return row[b.length] ?? 0;
}
