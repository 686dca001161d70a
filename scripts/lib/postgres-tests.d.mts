/** Takes `--store sqlite|postgres` out of a command line. @throws with exit code 64 for another store. */
export declare function storeOption(args: readonly string[]): { store: 'sqlite' | 'postgres'; rest: string[] };

/** The files that `npm test` runs on PostgreSQL. */
export declare const POSTGRES_SLICE: readonly string[];
