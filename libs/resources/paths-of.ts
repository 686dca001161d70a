import type { Difference } from '#libs/contracts/index.js';

/** The paths of differences as a sentence lists them: `active, roles[0].callback`. */
export function pathsOf(differences: readonly Difference[]): string {
  return differences.map(({ path }) => path).join(', ');
}
