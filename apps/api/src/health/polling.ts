import type { ApiSettings } from '#libs/config/api-settings.js';
import { connectionTaskQueue, WORKFLOW_TASK_QUEUE } from '#libs/contracts/index.js';
import type { Engine } from '#libs/history/engine.js';
import { pollersOf } from '#libs/temporal/pollers.js';

/** A count holds for so long, however often it is asked for. Milliseconds. */
const KEPT_MS = 10_000;
/** Metrics do not wait longer for Temporal. Milliseconds. */
const WAIT_MS = 2_000;

/** How many workers ask for work of each task queue: by it one sees that none does, before a customer tells. */
export class Polling {
  private kept: { counts: Promise<Map<string, number>>; until: number } | undefined;

  constructor(
    private readonly engine: Engine,
    private readonly settings: Pick<ApiSettings, 'connections'>,
  ) {}

  /** Returns the counts by queue; empty while Temporal cannot be asked, so that no queue looks deserted for that. */
  async counts(now = Date.now()): Promise<Map<string, number>> {
    if (!this.kept || now >= this.kept.until) this.kept = { counts: this.ask(), until: now + KEPT_MS };
    return this.kept.counts;
  }

  private async ask(): Promise<Map<string, number>> {
    const { engine, settings } = this;
    const queues = [
      WORKFLOW_TASK_QUEUE,
      ...settings.connections.map(({ vendor, name }) => connectionTaskQueue(vendor, name)),
    ];
    try {
      return await engine.connection.withDeadline(Date.now() + WAIT_MS, () =>
        pollersOf(engine.service, engine.namespace, queues),
      );
    } catch {
      return new Map(); // `/readyz` says that Temporal is away
    }
  }
}
