import type { LoadedDataConverter, Payload, ProtoFailure, SerializationContext } from '@temporalio/common';
import {
  decode,
  decodeArrayFromPayloads,
  decodeMapFromPayloads,
  decodeOptionalFailureToOptionalError,
  decodeOptionalSinglePayload,
  encodeToPayload,
} from '@temporalio/common/lib/internal-non-workflow/index.js';

// The only file that reaches into the SDK's internals; the deep path needs its `/index.js`.

/** Anything that holds payloads, as events and pending activities do. */
export interface PayloadList {
  payloads?: Payload[] | null;
}

/** Reads and writes what Temporal keeps. All methods throw when something of ours cannot be decrypted (`payload-codec.ts`). */
export interface Decoder {
  /** All values of an input or a result; none for an absent one. */
  values(list: PayloadList | null | undefined, workflowId?: string): Promise<unknown[]>;
  /** The first value; undefined when there is none. */
  value(list: PayloadList | null | undefined, workflowId?: string): Promise<unknown>;
  /** One payload: a summary, a memo's field. */
  payload(payload: Payload | null | undefined, workflowId?: string): Promise<unknown>;
  /** The fields of a memo or a header; empty for an absent one. */
  fields(fields: Record<string, Payload> | null | undefined, workflowId?: string): Promise<Record<string, unknown>>;
  /** The error with its real message and details; undefined for an absent one. */
  failure(failure: ProtoFailure | null | undefined, workflowId?: string): Promise<Error | undefined>;
  /** Payloads decrypted and not converted: what the codec endpoint returns. */
  decrypt(payloads: Payload[]): Promise<Payload[]>;
  /** The size in bytes of a value as it would be sent. */
  encodedSize(value: unknown, workflowId?: string): Promise<number>;
}

/**
 * Decodes histories and descriptions, without a worker. A payload that names a workflow must name the given `workflowId`; without
 * one nothing is compared (a child's failure in its parent's history names the child).
 */
export function createDecoder(converter: LoadedDataConverter, namespace: string): Decoder {
  const contextOf = (workflowId: string | undefined): SerializationContext | undefined =>
    workflowId === undefined ? undefined : { type: 'workflow', namespace, workflowId };
  const values: Decoder['values'] = (list, workflowId) =>
    decodeArrayFromPayloads(converter, list?.payloads, contextOf(workflowId));
  return {
    values,
    value: async (list, workflowId) => (await values(list, workflowId))[0],
    payload: (payload, workflowId) => decodeOptionalSinglePayload(converter, payload, contextOf(workflowId)),
    fields: async (fields, workflowId) => (await decodeMapFromPayloads(converter, fields, contextOf(workflowId))) ?? {},
    failure: (failure, workflowId) => decodeOptionalFailureToOptionalError(converter, failure, contextOf(workflowId)),
    decrypt: (payloads) => decode(converter.payloadCodecs, payloads),
    encodedSize: async (value, workflowId) => {
      const { data } = await encodeToPayload(converter, value, contextOf(workflowId));
      return data?.length ?? 0;
    },
  };
}
