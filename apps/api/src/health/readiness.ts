import type { Engine } from '#libs/history/engine.js';
import { isEngineUnavailable } from '#libs/temporal/client.js';

const CHECK_TIMEOUT_MS = 2_000;
/** So long an answer is given again: anybody may ask, and Temporal is not to be asked as often. */
const KEPT_MS = 1_000;

/** Whether Temporal can be reached and what every job needs is there. */
export class Readiness {
  private known: { at: number; whyNot: Promise<string | null> } | undefined;

  constructor(
    private readonly engine: Engine,
    private readonly prepare: () => Promise<unknown>,
  ) {}

  /** Null when ready, else a sentence. Asks at most once a second. */
  whyNot(): Promise<string | null> {
    const now = Date.now();
    if (!this.known || now - this.known.at >= KEPT_MS) this.known = { at: now, whyNot: this.check() };
    return this.known.whyNot;
  }

  private async check(): Promise<string | null> {
    const { connection, service, namespace } = this.engine;
    try {
      await connection.withDeadline(Date.now() + CHECK_TIMEOUT_MS, () => service.describeNamespace({ namespace }));
      await this.prepare();
      return null;
    } catch (error) {
      if (isEngineUnavailable(error)) return 'Temporal cannot be reached.';
      return error instanceof Error ? error.message : 'Temporal does not answer as needed.';
    }
  }
}
