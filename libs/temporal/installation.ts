import type { WorkflowService } from '@temporalio/client';
import { ConfigError } from '#libs/config/faults.js';
import { GRPC, grpcCode } from './grpc-errors.js';

const INSTALLATION_LENGTH = 8;

/** The part of a connection that is asked; both the client's and the worker's have it. */
export interface NamespaceReader {
  workflowService: Pick<WorkflowService, 'describeNamespace'>;
}

/**
 * The name of this installation in ownership markers: the configured one, else the last 8 hexadecimal digits of the namespace's id
 * (its beginning is a clock, alike for namespaces made together).
 * @throws {ConfigError} when the server has no such namespace.
 */
export async function installationName(
  connection: NamespaceReader,
  namespace: string,
  configured?: string,
): Promise<string> {
  if (configured !== undefined) return configured;
  const id = (await describe(connection, namespace)).replace(/[^0-9a-f]/gi, '').toLowerCase();
  if (id.length >= INSTALLATION_LENGTH) return id.slice(-INSTALLATION_LENGTH);
  const message = 'is missing: the id of the Temporal namespace cannot be read, so the installation needs a name';
  throw new ConfigError([{ name: 'GANGWAY_INSTALLATION', message }]);
}

async function describe(connection: NamespaceReader, namespace: string): Promise<string> {
  try {
    const { namespaceInfo } = await connection.workflowService.describeNamespace({ namespace });
    return namespaceInfo?.id ?? '';
  } catch (error) {
    if (grpcCode(error) !== GRPC.notFound) throw error;
    throw new ConfigError([{ name: 'TEMPORAL_NAMESPACE', message: 'names a namespace that the server does not have' }]);
  }
}
