import { setTimeout as pause } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/common';
import { toTemporalFailure } from '#activities/failures.js';
import type { Connection } from '#libs/config/connections.js';
import type {
  EnsureInput,
  HeartbeatDetails,
  LookInput,
  ObserveInput,
  RemoveInput,
  ResolvedNode,
  SettleInput,
} from '#libs/contracts/index.js';
import { ensure, look, observe, remove, settle, type Resource, type StepContext } from '#libs/resources/index.js';
import { vendorModule } from '#libs/vendors/registry.js';
import { LocalStepContext } from './step-context.js';

interface Reached {
  connection: Connection;
  resources: readonly Resource<unknown>[];
  client: unknown;
  close: () => Promise<void>;
}

/**
 * Activities without Temporal: real vendor modules and the engine's algorithms, retried as a worker's are. What a workflow schedules
 * comes here, and inputs and results go through JSON on the way.
 */
export class LocalActivities {
  private readonly reached: readonly Reached[];

  constructor(connections: readonly Connection[]) {
    this.reached = connections.map((connection) => {
      const module = vendorModule(connection.vendor);
      return { connection, resources: module.resources, ...module.connect(connection) };
    });
  }

  /** In place of `scheduleActivity`. */
  readonly schedule = async (type: string, [input]: [unknown]): Promise<unknown> => {
    const [vendor = '', ...rest] = type.split('.');
    const [name, verb] = rest.length === 1 ? ['', rest[0] ?? ''] : [rest[0] ?? '', rest[1] ?? ''];
    const reached = this.reached.find(({ connection }) => connection.vendor === vendor);
    if (!reached) throw new Error(`no connection for ${type}`);
    const given: unknown = JSON.parse(JSON.stringify(input));
    let previous: HeartbeatDetails | undefined;
    for (let attempt = 1; ; attempt += 1) {
      const ctx = new LocalStepContext(reached.connection.timing, attempt, previous);
      try {
        return JSON.parse(JSON.stringify(await perform(reached, name, verb, ctx, given))) as unknown;
      } catch (error) {
        const failure = await toTemporalFailure(error, ctx, nodeOf(given));
        if (!(failure instanceof ApplicationFailure) || failure.nonRetryable === true) throw failure;
        previous = ctx.details();
        await pause(Number(failure.nextRetryDelay ?? 20));
      }
    }
  };

  async close(): Promise<void> {
    for (const { close } of this.reached) await close();
  }
}

function perform(
  { resources, client }: Reached,
  name: string,
  verb: string,
  ctx: StepContext,
  input: unknown,
): Promise<unknown> {
  const lookup = (wanted: string): Resource<unknown> => {
    const resource = resources.find((each) => each.name === wanted);
    if (!resource) throw new Error(`no resource ${wanted}`);
    return resource;
  };
  switch (verb) {
    case 'look':
      return look(lookup, client, input as LookInput, ctx.reads);
    case 'ensure':
      return ensure(lookup(name), client, ctx, input as EnsureInput);
    case 'remove':
      return remove(lookup(name), client, ctx, input as RemoveInput);
    case 'settle':
      return settle(lookup(name), client, ctx, input as SettleInput);
    case 'observe':
      return observe(lookup(name), client, ctx, input as ObserveInput);
    default:
      throw new Error(`no activity ${name}.${verb}`);
  }
}

function nodeOf(input: unknown): ResolvedNode | undefined {
  const { node, nodes } = input as { node?: ResolvedNode; nodes?: ResolvedNode[] };
  return node ?? nodes?.[0];
}
