/** Counts what readings cost and save, by the kind that is listed. */
export interface ReadingMeter {
  /** A reading has begun. */
  begun(kind: string): void;
  /** A question was served by a reading that was not begun for it. */
  shared(kind: string): void;
  /** A call of a reading that failed is made again. */
  repeated(kind: string): void;
}

/** Counts nothing. */
export const NO_METER: ReadingMeter = {
  begun: () => undefined,
  shared: () => undefined,
  repeated: () => undefined,
};
