import type { Payload, PayloadCodec } from '@temporalio/common';
import { accountFromOperationId, accountFromWorkflowId } from '#libs/contracts/index.js';
import { ENCRYPTED_ENCODING, payloadEncoding, payloadWorkflow } from '#libs/temporal/payload-codec.js';
import { mayUse, type Caller } from '../auth/caller.js';
import { Problem } from '../problems/problem.js';

/** A payload as the remote codec protocol carries it: bytes in base64 (`docs/temporal.md` §12). */
export interface JsonPayload {
  metadata?: Record<string, string> | undefined;
  data?: string | undefined;
  [field: string]: unknown;
}

export interface Decoded {
  /** In the order in which they came. */
  payloads: JsonPayload[];
  /** How many are not of the caller's tenants. */
  foreign: number;
}

/** Decodes what Temporal keeps, for its UI and CLI. Shows sealed values, never secrets. */
export class Codec {
  constructor(
    private readonly codec: PayloadCodec,
    private readonly namespace: string,
    private readonly encodes: boolean,
  ) {}

  /**
   * Decodes what is of the caller's tenants; the rest is given back as it came, since the UI sends lists of all.
   * @throws {Problem} `invalid-payload` for one of ours that cannot be decrypted; other encodings pass.
   */
  async decode(caller: Caller, payloads: readonly JsonPayload[], namespace: string | undefined): Promise<Decoded> {
    this.requireNamespace(namespace);
    const all = payloads.map((json) => ({ json, payload: fromJson(json) }));
    const own = all.filter(({ payload }) => mayDecode(caller, payload)).map(({ payload }) => payload);
    const clear = await this.clear(own);
    const decoded = new Map(own.map((payload, index) => [payload, clear[index]]));
    return {
      payloads: all.map(({ json, payload }) => {
        const found = decoded.get(payload);
        return found ? toJson(found) : json;
      }),
      foreign: all.length - own.length,
    };
  }

  /** @throws {Problem} `encoding-off` unless switched on. */
  async encode(payloads: readonly JsonPayload[], namespace: string | undefined): Promise<JsonPayload[]> {
    if (!this.encodes)
      throw new Problem('encoding-off', 'Who may encode can command jobs: encoding is off by default.');
    this.requireNamespace(namespace);
    return (await this.codec.encode(payloads.map(fromJson))).map(toJson);
  }

  private async clear(payloads: Payload[]): Promise<Payload[]> {
    try {
      return await this.codec.decode(payloads);
    } catch (error) {
      const detail = 'A payload belongs to another namespace, was changed, or its key is not in the key ring.';
      throw new Problem('invalid-payload', detail, { cause: error });
    }
  }

  private requireNamespace(namespace: string | undefined): void {
    if (namespace === undefined || namespace === this.namespace) return;
    throw new Problem('invalid-payload', 'The codec serves another namespace.');
  }
}

/**
 * Whether a payload is of a tenant of the caller: the workflow that it is bound to names the account. What names none, such as a preview
 * or a notification, is for callers of all tenants. The name cannot be forged: a payload does not open under another one.
 */
function mayDecode(caller: Caller, payload: Payload): boolean {
  if (payloadEncoding(payload) !== ENCRYPTED_ENCODING) return true;
  const workflowId = payloadWorkflow(payload);
  const account = accountFromWorkflowId(workflowId) ?? accountFromOperationId(workflowId);
  return account ? mayUse(caller, account.tenant) : caller.tenants.includes('*');
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
