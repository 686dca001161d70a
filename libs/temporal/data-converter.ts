import { fileURLToPath } from 'node:url';
import { defaultPayloadConverter, type DataConverter, type LoadedDataConverter } from '@temporalio/common';
import type { KeyRing } from '#libs/secrets/key-ring.js';
import { failureConverter } from './failure-converter.js';
import { createPayloadCodec } from './payload-codec.js';

/** The compiled failure converter: a path, because Temporal also puts it into the workflow bundle. */
export const FAILURE_CONVERTER_PATH = fileURLToPath(new URL('./failure-converter.js', import.meta.url));

/**
 * What client, worker and replay are given alike, so that each reads what the others wrote. Programs run from the compiled output:
 * from the sources, where that path names no file, use `loadedDataConverter`.
 */
export function createDataConverter(ring: KeyRing, namespace: string): DataConverter {
  return { failureConverterPath: FAILURE_CONVERTER_PATH, payloadCodecs: [createPayloadCodec(ring, namespace)] };
}

/** The same as parts in memory, for decoding histories (`decode.ts`). */
export function loadedDataConverter(ring: KeyRing, namespace: string): LoadedDataConverter {
  return {
    payloadConverter: defaultPayloadConverter,
    failureConverter,
    payloadCodecs: [createPayloadCodec(ring, namespace)],
  };
}
