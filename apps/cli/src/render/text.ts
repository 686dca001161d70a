import { stripVTControlCharacters, styleText } from 'node:util';

export type Format = Parameters<typeof styleText>[0];
/** Colours a text, or leaves it alone where colours are not wanted. */
export type Paint = (format: Format, text: string) => string;

/** Paints for a stream: plain unless it is a terminal with colours (`NO_COLOR` and `TERM=dumb` are honoured). */
export function painter(stream: { isTTY?: boolean; hasColors?: () => boolean }): Paint {
  const colours = stream.isTTY === true && stream.hasColors?.() === true;
  return colours ? (format, text) => styleText(format, text, { validateStream: false }) : (_format, text) => text;
}

/** Text from elsewhere, made safe for a terminal: no escape sequences, no control characters, one line. */
export function printable(text: string): string {
  // eslint-disable-next-line no-control-regex -- finding control characters is the point
  return stripVTControlCharacters(text).replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ');
}

/** Cuts to `width` characters, with an ellipsis as the last one where something was cut. */
export function cut(text: string, width: number): string {
  if (text.length <= width) return text;
  return width <= 1 ? text.slice(0, Math.max(0, width)) : `${text.slice(0, width - 1)}…`;
}

/**
 * Breaks a text into lines of at most `width` characters, between words; the second line and all after it begin with `hang`. A word
 * that is longer stays whole, so that an id or an address can be copied: the terminal breaks it.
 */
export function wrap(text: string, width: number, hang = ''): string[] {
  const lines: string[] = [];
  let line = '';
  // Each word with the blanks before it: those within a line are kept.
  for (const word of text.match(/ *[^ ]+/g) ?? []) {
    if (line.trim() !== '' && line.length + word.length > width) {
      lines.push(line);
      line = `${hang}${word.trimStart()}`;
    } else line += word;
  }
  return [...lines, line];
}

/** A number with its noun: `1 node`, `2 nodes`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Characters that a text takes on a terminal, colours not counted. */
export function visibleLength(text: string): number {
  return stripVTControlCharacters(text).length;
}

/** Milliseconds as people say them: `0.4 s`, `12 s`, `3 min 5 s`, `2 h 10 min`, `4 d 3 h`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
  return `${Math.floor(whole / 86_400)} d ${Math.floor((whole % 86_400) / 3600)} h`;
}
