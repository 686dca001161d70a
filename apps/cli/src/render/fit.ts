import { cut, wrap, type Paint } from './text.js';

/** How a job is laid out. */
export interface TableOptions {
  /** Characters per line. */
  width: number;
  /**
   * For a view that is drawn anew: every line is cut at `width`, and so many lines may be used; steps that are done or pending give way
   * first. Absent: all is shown, texts are broken into lines, and ids that do not fit stand below.
   */
  height?: number;
  /** Milliseconds since 1970, for what is still running. */
  now: number;
  paint: Paint;
}

/** Returns true for a view that is drawn anew in place, where a line must not become two. */
export function isRedrawn({ height }: Pick<TableOptions, 'height'>): boolean {
  return height !== undefined;
}

/** Lines of a text: one that is cut where the view is drawn anew, else as many as it takes, those after the first after `hang`. */
export function fitted(text: string, options: Pick<TableOptions, 'width' | 'height'>, hang = ''): string[] {
  return isRedrawn(options) ? [cut(text, options.width)] : wrap(text, options.width, hang);
}
