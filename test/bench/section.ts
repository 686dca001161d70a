import type { Report } from './figures.js';
import type { BenchSystem } from './system.js';

/** What a section works with. */
export interface Bench {
  system: BenchSystem;
  /** As the command line asks; undefined: the section's own. */
  rounds: number | undefined;
  /** What is left to chance follows from it. */
  seed: number;
  /** Shows how far it is; the next call writes over it. */
  progress: (line: string) => void;
}

/** Measures one thing. Leaves vendors and worker as it found them. */
export type Section = (bench: Bench) => Promise<Report[]>;
