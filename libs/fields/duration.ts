const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

const SHORT = /^(\d{1,12}(?:\.\d{1,3})?)(ms|s|m|h|d)$/;
/** ISO 8601 without years and months, whose length is no fixed number of milliseconds. */
const ISO =
  /^P(?!$)(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?!$)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d{1,3})?)S)?)?$/;

/**
 * Milliseconds of a duration: `200ms`, `30s`, `5m`, `2h`, `30d`, or ISO 8601 (`PT5M`, `P30D`). Undefined for any other text, and
 * for one that is longer than a JavaScript number counts exactly.
 */
export function parseDuration(text: string): number | undefined {
  const ms = shortForm(text) ?? isoForm(text);
  return ms === undefined || !Number.isSafeInteger(Math.round(ms)) ? undefined : Math.round(ms);
}

function shortForm(text: string): number | undefined {
  const [, amount, unit] = SHORT.exec(text) ?? [];
  const factor = UNIT_MS[unit ?? ''];
  return amount === undefined || factor === undefined ? undefined : Number(amount) * factor;
}

function isoForm(text: string): number | undefined {
  const found = ISO.exec(text);
  if (!found) return undefined;
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = found.slice(1).map((part) => Number(part || 0));
  return ((weeks * 7 + days) * 24 + hours) * 3_600_000 + minutes * 60_000 + seconds * 1_000;
}

/** The shortest exact form of a duration: `parseDuration` reads it again. */
export function durationText(ms: number): string {
  for (const [unit, factor] of [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1_000],
  ] as const) {
    if (ms >= factor && ms % factor === 0) return `${ms / factor}${unit}`;
  }
  return `${ms}ms`;
}
