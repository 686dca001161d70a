import { describeRun } from '#libs/history/describe.js';
import type { Engine } from '#libs/history/engine.js';
import { EngineUnavailable, isEngineUnavailable } from '#libs/temporal/client.js';

/** No workflow has this id. To say so, Temporal has to ask its database: what it knows of the namespace it keeps in memory. */
const NOBODY = 'gangway-readiness';
/** So long an answer is given again: anybody may ask, and Temporal is not to be asked as often. */
const KEPT_MS = 1_000;

/** Whether Temporal can be reached and has its database, and what every job needs is there. */
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
    const { engine } = this;
    try {
      const [found] = await Promise.all([describeRun(engine, { workflowId: NOBODY }), this.prepare()]);
      if (found) return `There is a workflow ${NOBODY} in the namespace: end it.`;
      return null;
    } catch (error) {
      if (error instanceof EngineUnavailable) return `${error.message}.`;
      if (isEngineUnavailable(error)) return 'Temporal cannot be reached, or cannot reach its database.';
      return error instanceof Error ? error.message : 'Temporal does not answer as needed.';
    }
  }
}
