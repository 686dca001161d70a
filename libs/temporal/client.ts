import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import type { TemporalSettings } from '#libs/config/temporal-settings.js';
import type { KeyRing } from '#libs/secrets/key-ring.js';
import { createDataConverter } from './data-converter.js';
import { GRPC, grpcCode, isUnmappedAttribute } from './grpc-errors.js';
import { callRetries } from './retries.js';

/** One page of a large registry is more than gRPC's 4 MiB; the SDK's own option lacks the `grpc.` prefix and has no effect (`docs/temporal.md` §10). */
const MAX_RECEIVED_BYTES = 128 << 20;
const CONNECT_TIMEOUT_MS = 5_000;

/** Temporal cannot be reached, or does not let us in. The message names the address and the cure. */
export class EngineUnavailable extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EngineUnavailable';
  }
}

/** A connection and the client over it; whoever opened it closes it. */
export interface TemporalClient {
  connection: Connection;
  client: Client;
  close(): Promise<void>;
}

export interface ClientOptions {
  /** Longest wait for the connection, in milliseconds. Default 5000. */
  connectTimeoutMs?: number;
}

/**
 * Connects to Temporal within a bounded time.
 * @throws {EngineUnavailable}
 */
export async function connectClient(
  settings: TemporalSettings,
  keyRing: KeyRing,
  { connectTimeoutMs = CONNECT_TIMEOUT_MS }: ClientOptions = {},
): Promise<TemporalClient> {
  const connection = Connection.lazy({ ...connectionOptions(settings), connectTimeout: connectTimeoutMs });
  try {
    await connection.ensureConnected();
  } catch (error) {
    await connection.close();
    throw engineUnavailable(settings, error);
  }
  return over(connection, settings, keyRing);
}

/**
 * A client that connects when it is first used and again after every loss: a process can start while Temporal is away. Its calls
 * then fail after about a second, with an error for which `isEngineUnavailable` is true.
 */
export function lazyClient(settings: TemporalSettings, keyRing: KeyRing): TemporalClient {
  const interceptors = [callRetries()];
  return over(Connection.lazy({ ...connectionOptions(settings), interceptors }), settings, keyRing);
}

/** Statuses of calls while Temporal or its database is unreachable, overloaded or failing inside. */
const PASSING: readonly (number | undefined)[] = [
  GRPC.cancelled, // by the server as it stops, or by a call that nobody waits for any more
  GRPC.unavailable,
  GRPC.deadlineExceeded,
  GRPC.resourceExhausted,
  GRPC.aborted,
  GRPC.internal,
  GRPC.unknown,
];

/** True for an error that says that Temporal cannot be reached, or does not (yet) answer as it should: it may do so later. */
export function isEngineUnavailable(error: unknown): boolean {
  return error instanceof EngineUnavailable || isUnmappedAttribute(error) || PASSING.includes(grpcCode(error));
}

/** The error for a person, from what connecting threw. */
export function engineUnavailable({ address, namespace }: TemporalSettings, cause: unknown): EngineUnavailable {
  const message = isRefused(cause)
    ? `Temporal at ${address} refuses the credentials for namespace ${namespace}: check TEMPORAL_API_KEY and TEMPORAL_TLS_*`
    : `Temporal at ${address} cannot be reached: check that it runs, TEMPORAL_ADDRESS and TEMPORAL_TLS_*`;
  return new EngineUnavailable(message, { cause });
}

/** True when Temporal answered, and does not let us in: trying again does not help. */
export function isRefused(error: unknown): boolean {
  const code = grpcCode(error);
  return code === GRPC.unauthenticated || code === GRPC.permissionDenied;
}

/** What `NativeConnection` and `Connection` take alike. */
export function addressOptions({
  address,
  apiKey,
  tls,
}: TemporalSettings): Pick<ConnectionOptions, 'address' | 'tls'> & { apiKey?: string } {
  return { address, tls: tls ?? false, ...(apiKey === undefined ? {} : { apiKey }) };
}

function connectionOptions(settings: TemporalSettings): ConnectionOptions {
  return { ...addressOptions(settings), channelArgs: { 'grpc.max_receive_message_length': MAX_RECEIVED_BYTES } };
}

function over(connection: Connection, { namespace }: TemporalSettings, keyRing: KeyRing): TemporalClient {
  const client = new Client({ connection, namespace, dataConverter: createDataConverter(keyRing, namespace) });
  return { connection, client, close: () => connection.close() };
}
