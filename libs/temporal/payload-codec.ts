import type { Payload, PayloadCodec, SerializationContext } from '@temporalio/common';
import proto from '@temporalio/proto';
import { decrypt, encrypt } from '#libs/secrets/aes-gcm.js';
import { keysFor, UnknownKeyError, type KeyRing } from '#libs/secrets/key-ring.js';

/** Value of the metadata `encoding` of payloads that this codec wrote. */
export const ENCRYPTED_ENCODING = 'binary/encrypted';

/** Metadata of an encrypted payload. All of it is authenticated. An entry without a value is left out: empty bytes do not come back. */
const KEY_ID = 'gangway-key';
const NAMESPACE = 'gangway-namespace';
const WORKFLOW = 'gangway-workflow';

/** What Temporal adds to the workflow id of a scheduled run; the run's input was encoded before it was added. */
const SCHEDULE_TIME = /-\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

const PayloadMessage = proto.temporal.api.common.v1.Payload;

/** A payload that is ours and cannot be decoded. */
export class PayloadDecodeError extends Error {
  constructor(
    message: string,
    /** True when the ring's key of the payload's id does not open it. */
    readonly wrongKey = false,
  ) {
    super(message);
    this.name = 'PayloadDecodeError';
  }
}

/** True for an error that says that something was encrypted with another key ring than the one that is to open it. */
export function isOtherKeyRing(error: unknown): boolean {
  if (error instanceof UnknownKeyError || (error instanceof PayloadDecodeError && error.wrongKey)) return true;
  return error instanceof Error && isOtherKeyRing(error.cause);
}

/**
 * Encrypts every payload (AES-256-GCM under the ring's active key) and binds it to its namespace and, where known, to its workflow.
 * The ids stand in the payload's metadata and are authenticated, because Temporal's own context lacks them for schedules,
 * heartbeats by token and the UI; where the context has them they are compared. Payloads in another encoding pass through.
 * `decode` throws `UnknownKeyError` or `PayloadDecodeError`, for encrypted payloads alone.
 */
export function createPayloadCodec(ring: KeyRing, namespace: string): PayloadCodec {
  const payloadKey = keysFor(ring, 'payloads');

  function encodeOne(payload: Payload, context: SerializationContext | undefined): Payload {
    const home = { keyId: ring.active, namespace: context?.namespace ?? namespace, workflow: workflowOf(context) };
    const clear = PayloadMessage.encode(payload).finish();
    return {
      metadata: {
        encoding: Buffer.from(ENCRYPTED_ENCODING),
        [KEY_ID]: Buffer.from(home.keyId),
        [NAMESPACE]: Buffer.from(home.namespace),
        ...(home.workflow === '' ? {} : { [WORKFLOW]: Buffer.from(home.workflow) }),
      },
      data: encrypt(payloadKey(home.keyId), clear, boundTo(home)),
    };
  }

  function decodeOne(payload: Payload, context: SerializationContext | undefined): Payload {
    if (payloadEncoding(payload) !== ENCRYPTED_ENCODING) return payload;
    const home = {
      keyId: text(payload, KEY_ID),
      namespace: text(payload, NAMESPACE),
      workflow: payloadWorkflow(payload),
    };
    if (home.namespace !== (context?.namespace ?? namespace)) {
      throw new PayloadDecodeError('the payload belongs to another namespace');
    }
    const expected = workflowOf(context);
    if (expected !== '' && home.workflow !== '' && home.workflow !== expected) {
      throw new PayloadDecodeError(`the payload belongs to another workflow than ${expected}`);
    }
    const clear = decrypt(payloadKey(home.keyId), bytes(payload.data), boundTo(home));
    if (!clear) {
      throw new PayloadDecodeError('the payload was changed, or encrypted under another key of the same id', true);
    }
    return wholeBytes(PayloadMessage.decode(clear));
  }

  return {
    encode: (payloads, context) => Promise.resolve(payloads.map((payload) => encodeOne(payload, context))),
    // eslint-disable-next-line @typescript-eslint/require-await -- what `decodeOne` throws shall be a rejection
    decode: async (payloads, context) => payloads.map((payload) => decodeOne(payload, context)),
  };
}

/** The encoding that a payload names; empty for none. */
export function payloadEncoding(payload: Payload): string {
  return text(payload, 'encoding');
}

/** The workflow id that an encrypted payload is bound to; empty for one that is bound to none. Only decoding proves it. */
export function payloadWorkflow(payload: Payload): string {
  return text(payload, WORKFLOW);
}

/** The workflow id that a context names, without a schedule's time; empty where it names none. */
function workflowOf(context: SerializationContext | undefined): string {
  return (context?.workflowId ?? '').replace(SCHEDULE_TIME, '');
}

function boundTo({ keyId, namespace, workflow }: { keyId: string; namespace: string; workflow: string }): string {
  return JSON.stringify(['gangway/payload/v1', keyId, namespace, workflow]);
}

/** A metadata value as text; empty for one that is absent or of an odd shape. */
function text(payload: Payload, name: string): string {
  return Buffer.from(bytes(payload.metadata?.[name])).toString('utf8');
}

/** Empty bytes come back from protobufjs as `[]`, and hand-made payloads hold anything. */
function bytes(value: unknown): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array();
}

/** A decoded payload whose empty values are bytes again. */
function wholeBytes(payload: Payload): Payload {
  const metadata = Object.entries(payload.metadata ?? {}).map(([name, value]) => [name, bytes(value)] as const);
  return { ...payload, metadata: Object.fromEntries(metadata), data: bytes(payload.data) };
}
