/** Exit code of a process whose settings are missing or wrong (`EX_CONFIG`, `docs/http.md` §2). */
export const CONFIG_EXIT_CODE = 78;

/** One setting that is missing or wrong. Neither text ever holds the setting's value. */
export interface Fault {
  /** The variable, or the place in a file: `GANGWAY_PORT`, `connections.egain-main.apiBase`. */
  name: string;
  /** What is wrong and what would be right: `must be a port, a number from 1 to 65535`. */
  message: string;
}

/** Settings are missing or wrong. Holds all faults that were found, not just the first. */
export class ConfigError extends Error {
  readonly faults: readonly Fault[];

  constructor(faults: readonly Fault[], options?: { cause?: unknown }) {
    super(faults.map(({ name, message }) => `${name}: ${message}`).join('\n'), options);
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

/**
 * Where `error` is a `ConfigError`: prints one line per fault to stderr and ends the process with exit code 78. Any other error is
 * left to the caller.
 */
export function exitOnConfigError(error: unknown): void {
  if (!(error instanceof ConfigError)) return;
  for (const { name, message } of error.faults) process.stderr.write(`${name}: ${message}\n`);
  process.exit(CONFIG_EXIT_CODE);
}

/** Gathers faults, so that all of them are reported at once. */
export class Faults {
  private readonly found: Fault[] = [];

  /** A fault that is known already (of a setting that several parts read) counts once. */
  add(name: string, message: string): void {
    if (this.found.some((fault) => fault.name === name && fault.message === message)) return;
    this.found.push({ name, message });
  }

  /** Runs `read`; the faults of a `ConfigError` are kept and `undefined` is returned in its place. */
  collect<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      this.found.push(...error.faults);
      return undefined;
    }
  }

  /** @throws {ConfigError} with everything that was found, if anything was. */
  throwIfAny(): void {
    if (this.found.length > 0) throw new ConfigError(this.found);
  }
}
