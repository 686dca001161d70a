import { Hints } from '#libs/text/closest.js';

/** Something wrong with a manifest, or worth knowing. Messages never hold a value: it may be a secret. */
export interface Finding {
  /** RFC 6901, without `#`, from the top of the manifest as it was given; empty for the whole. */
  pointer: string;
  /** What is wrong and the cure, as the rest of a sentence that begins with the field's name. */
  message: string;
}

/** How the manifest was given: only an object may be rewritten, and only an object may hold references to secrets. */
export type GivenAs = 'text' | 'object';

/** Collects what is found while a manifest is looked at, errors apart from warnings. */
export class Review {
  readonly givenAs: GivenAs;
  readonly errors: Finding[] = [];
  readonly warnings: Finding[] = [];
  /** Of the whole input: the first findings name what was probably meant. */
  readonly hints: Hints;

  constructor(givenAs: GivenAs, hints: Hints = new Hints()) {
    this.givenAs = givenAs;
    this.hints = hints;
  }

  error(pointer: string, message: string): void {
    this.errors.push({ pointer, message });
  }

  warn(pointer: string, message: string): void {
    this.warnings.push({ pointer, message });
  }
}

/** The pointer of a member or an item of what is at `parent`. */
export function below(parent: string, token: string | number): string {
  const isPlain = typeof token === 'number' || !/[~/]/.test(token);
  return `${parent}/${isPlain ? token : token.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
