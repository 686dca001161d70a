import type { Client, Connection, WorkflowService } from '@temporalio/client';
import type { KeyRing } from '#libs/secrets/key-ring.js';
import { loadedDataConverter } from '#libs/temporal/data-converter.js';
import { createDecoder, type Decoder } from '#libs/temporal/decode.js';
import type { TemporalClient } from '#libs/temporal/client.js';

/**
 * Longest wait for one call to Temporal with all that is tried again, in milliseconds. A call that takes longer does not come back at all,
 * and whoever asked is told within two seconds.
 */
export const CALL_TIMEOUT_MS = 1_500;

/** The connection by which histories and lists are read, and the key ring that opens them. */
export class Engine {
  readonly client: Client;
  readonly connection: Connection;
  readonly decoder: Decoder;

  constructor(
    { client, connection }: TemporalClient,
    keyRing: KeyRing,
    readonly namespace: string,
  ) {
    this.client = client;
    this.connection = connection;
    this.decoder = createDecoder(loadedDataConverter(keyRing, namespace), namespace);
  }

  get service(): WorkflowService {
    return this.connection.workflowService;
  }

  /** Runs a call to Temporal under its deadline. What it throws for an engine that is away satisfies `isEngineUnavailable`. */
  call<T>(run: () => Promise<T>): Promise<T> {
    return this.connection.withDeadline(Date.now() + CALL_TIMEOUT_MS, run);
  }
}
