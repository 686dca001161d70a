import type { Payload } from '@temporalio/common';
import proto from '@temporalio/proto';
import { loadedDataConverter } from '#libs/temporal/data-converter.js';
import type { Engine } from './engine.js';
import type { Place } from './secret-search.js';
import { until } from './until.js';

const { WorkflowExecutionInfo } = proto.temporal.api.workflow.v1;
const { History } = proto.temporal.api.history.v1;
const { DescribeWorkflowExecutionResponse } = proto.temporal.api.workflowservice.v1;

/**
 * Everything that Temporal keeps of the runs that a list query finds: the row, the history and the description of each, as their
 * bytes on the wire and, by the name `decoded ...`, with every payload in them decrypted.
 */
export async function readRuns(engine: Engine, query: string): Promise<Place[]> {
  const { client, settings } = engine;
  const { namespace } = settings.temporal;
  const rows = await until(async () => {
    const { executions } = await client.workflowService.listWorkflowExecutions({ namespace, query, pageSize: 1000 });
    return executions.length > 0 ? executions : undefined;
  }, `rows of ${query}`);
  const places = rows.map(async (row) => {
    const execution = row.execution ?? {};
    const name = `of ${execution.workflowId ?? ''}`;
    const { history } = await client.workflowService.getWorkflowExecutionHistory({
      namespace,
      execution,
      maximumPageSize: 10_000,
    });
    const description = await client.workflowService.describeWorkflowExecution({ namespace, execution });
    return [
      { name: `row ${name}`, bytes: WorkflowExecutionInfo.encode(row).finish() },
      { name: `history ${name}`, bytes: History.encode(history ?? {}).finish() },
      { name: `description ${name}`, bytes: DescribeWorkflowExecutionResponse.encode(description).finish() },
      { name: `decoded row ${name}`, bytes: await decrypted(engine, row) },
      { name: `decoded history ${name}`, bytes: await decrypted(engine, history) },
      { name: `decoded description ${name}`, bytes: await decrypted(engine, description) },
    ];
  });
  return (await Promise.all(places)).flat();
}

/** The contents of all payloads in a message, decrypted, one behind the other. */
async function decrypted({ settings }: Engine, message: unknown): Promise<Uint8Array> {
  const { payloadCodecs } = loadedDataConverter(settings.keyRing, settings.temporal.namespace);
  const decoded = await payloadCodecs.reduce(
    async (payloads, codec) => codec.decode(await payloads),
    Promise.resolve(payloadsIn(message)),
  );
  return Buffer.concat(decoded.flatMap(({ data }) => [data ?? new Uint8Array(), Buffer.from('\n')]));
}

/** Every payload in a message of the server, wherever it stands. */
export function payloadsIn(value: unknown): Payload[] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [];
  if ('metadata' in value && 'data' in value) return [value as Payload];
  return Object.values(value).flatMap(payloadsIn);
}
