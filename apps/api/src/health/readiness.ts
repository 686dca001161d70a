import { isEngineUnavailable } from '#libs/temporal/client.js';
import type { Engine } from '../engine/engine.js';

const CHECK_TIMEOUT_MS = 2_000;

/** Whether Temporal can be reached and what every job needs is there. */
export class Readiness {
  constructor(
    private readonly engine: Engine,
    private readonly prepare: () => Promise<unknown>,
  ) {}

  /** Null when ready, else a sentence. */
  async whyNot(): Promise<string | null> {
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
