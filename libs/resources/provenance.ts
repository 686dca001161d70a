import {
  currentObject,
  type EnsureResult,
  type JsonObject,
  type Knowledge,
  type OwnedResource,
  type Provisioned,
} from '#libs/contracts/index.js';
import type { WriteMode } from './contract.js';

/** Whose an object is, what the step did to it, and, where it was taken over, how it stood before. */
export type Provenance = Pick<EnsureResult, 'ownership' | 'outcome' | 'former'>;

/** What a step has done to an object that it found. */
export interface Found {
  id: string;
  mode: WriteMode;
  /** Whether something was written. */
  wrote: boolean;
  /** The body as it was read before anything was written, for one that is taken over now. */
  body: JsonObject;
}

/**
 * The provenance of an object that stood when the step found it. Ownership lasts: what is recorded of an object counts, and what is
 * found again by its marker was made by the account. The outcome is the step's alone: what this operation made is `created` in every
 * later scheduling too.
 */
export function provenance(knowledge: Knowledge, found: Found, stood: Provisioned | undefined): Provenance {
  const { recorded, looked } = knowledge;
  const known = knownOf(knowledge, found.id);
  if (found.mode === 'adopted') {
    const former = formerBody(knowledge, found.id, stood) ?? found.body;
    const again = recorded?.externalId === found.id;
    return { ownership: 'adopted', outcome: again ? (found.wrote ? 'updated' : 'unchanged') : 'adopted', former };
  }
  const wasThere = recorded?.externalId === found.id || (looked?.before.includes(found.id) ?? false);
  const differed = looked?.action === 'update' && looked.externalId === found.id; // and an attempt before brought it here
  return {
    ownership: known?.ownership ?? 'created',
    outcome: !wasThere ? 'created' : found.wrote || differed ? 'updated' : 'unchanged',
  };
}

/** How an adopted object stood before it was first taken over: by the record, the look, or the attempt that did it. */
export function formerBody(knowledge: Knowledge, id: string, stood: Provisioned | undefined): JsonObject | undefined {
  const { looked } = knowledge;
  const known = knownOf(knowledge, id);
  if (known?.former !== undefined) return known.former;
  if (looked?.externalId === id && looked.former !== undefined) return looked.former;
  return stood?.id === id ? stood.former : undefined;
}

/** What is known of one object: by a step of this operation, else by the record. */
function knownOf(knowledge: Knowledge, id: string): ReturnType<typeof currentObject> {
  const { made, recorded } = knowledge;
  if (made?.externalId === id) return made;
  return recorded?.externalId === id ? recorded : null;
}

/**
 * How an object of the account's is written. The secrets and the marker of one that was taken over stay. What was written before and is
 * not known leaves nothing beside what is wanted, at an object that the account does not record.
 */
export function modeOf(
  current: Pick<OwnedResource, 'ownership'> | null,
  isRecorded: boolean,
  previous: JsonObject | undefined,
): WriteMode {
  if (current?.ownership === 'adopted') return 'adopted';
  const unknown = previous !== undefined && Object.keys(previous).length === 0;
  return unknown && !isRecorded ? 'replace' : 'own';
}

/** What the algorithms that look for an object are told of it by the record or by this operation. */
export function knownResource(knowledge: Knowledge): Pick<OwnedResource, 'externalId' | 'ownership'> | null {
  return currentObject(knowledge);
}
