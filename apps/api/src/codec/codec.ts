import type { Payload } from '@temporalio/common';
import type { PayloadCodec } from '@temporalio/common';
import { Problem } from '../problems/problem.js';

/** A payload as the remote codec protocol carries it: bytes in base64 (`docs/temporal.md` §12). */
export interface JsonPayload {
  metadata?: Record<string, string> | undefined;
  data?: string | undefined;
  [field: string]: unknown;
}

/** Decodes what Temporal keeps, for its UI and CLI. Shows sealed values, never secrets. */
export class Codec {
  constructor(
    private readonly codec: PayloadCodec,
    private readonly namespace: string,
    private readonly encodes: boolean,
  ) {}

  /** @throws {Problem} `invalid-payload` for one of ours that cannot be decrypted; foreign encodings pass. */
  async decode(payloads: readonly JsonPayload[], namespace: string | undefined): Promise<JsonPayload[]> {
    this.requireNamespace(namespace);
    try {
      return (await this.codec.decode(payloads.map(fromJson))).map(toJson);
    } catch (error) {
      const detail = 'A payload belongs to another namespace, was changed, or its key is not in the key ring.';
      throw new Problem('invalid-payload', detail, { cause: error });
    }
  }

  /** @throws {Problem} `encoding-off` unless switched on. */
  async encode(payloads: readonly JsonPayload[], namespace: string | undefined): Promise<JsonPayload[]> {
    if (!this.encodes)
      throw new Problem('encoding-off', 'Who may encode can command jobs: encoding is off by default.');
    this.requireNamespace(namespace);
    return (await this.codec.encode(payloads.map(fromJson))).map(toJson);
  }

  private requireNamespace(namespace: string | undefined): void {
    if (namespace === undefined || namespace === this.namespace) return;
    throw new Problem('invalid-payload', 'The codec serves another namespace.');
  }
}

function fromJson({ metadata, data }: JsonPayload): Payload {
  const entries = Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value, 'base64')] as const);
  return { metadata: Object.fromEntries(entries), data: Buffer.from(data ?? '', 'base64') };
}

function toJson({ metadata, data }: Payload): JsonPayload {
  const entries = Object.entries(metadata ?? {}).map(([name, value]) => [name, base64(value)] as const);
  return { metadata: Object.fromEntries(entries), data: base64(data) };
}

function base64(bytes: Uint8Array | null | undefined): string {
  return Buffer.from(bytes ?? []).toString('base64');
}
