import { isJsonObject, OWNERSHIPS, type HeartbeatDetails, type Issued, type IssuedFor } from '#libs/contracts/index.js';

/** What a step has recorded before its first attempt. */
export const FRESH: HeartbeatDetails = { phase: 'looking', settled: false, firstFaultAt: null };

/**
 * The same details as a heartbeat may carry them that can land later than a confirmed one: they say that a write may be under way,
 * so that a late one costs the next attempt a wait, never the knowledge of a write.
 */
export function unsure(details: HeartbeatDetails): HeartbeatDetails {
  return { ...details, phase: 'posting', settled: false, writing: true };
}

/** Details as an attempt before has left them. Returns undefined for none, and for those of another version. */
export function readDetails(value: unknown): HeartbeatDetails | undefined {
  if (typeof value !== 'object' || value === null || !('phase' in value)) return undefined;
  const { phase } = value;
  if (phase !== 'looking' && phase !== 'posting') return undefined;
  const firstFaultAt = 'firstFaultAt' in value && typeof value.firstFaultAt === 'string' ? value.firstFaultAt : null;
  const stands = 'stands' in value ? readStands(value.stands) : undefined;
  return {
    phase,
    settled: 'settled' in value && value.settled === true,
    ...('writing' in value && value.writing === true ? { writing: true } : {}),
    firstFaultAt,
    ...(stands ? { stands } : {}),
    ...('removing' in value && Array.isArray(value.removing)
      ? { removing: value.removing.flatMap(readIssuedFor) }
      : {}),
  };
}

function readStands(value: unknown): HeartbeatDetails['stands'] {
  if (typeof value !== 'object' || value === null || !('id' in value) || !('since' in value)) return undefined;
  const { id, since } = value;
  const ownership = OWNERSHIPS.find((each) => 'ownership' in value && each === value.ownership);
  if (typeof id !== 'string' || typeof since !== 'string' || !ownership) return undefined;
  const former = 'former' in value && isJsonObject(value.former) ? { former: value.former } : {};
  return { id, since, ownership, issued: 'issued' in value ? readIssued(value.issued) : {}, ...former };
}

function readIssuedFor(value: unknown): IssuedFor[] {
  if (typeof value !== 'object' || value === null || !('id' in value) || typeof value.id !== 'string') return [];
  return [{ id: value.id, issued: 'issued' in value ? readIssued(value.issued) : {} }];
}

function readIssued(value: unknown): Issued {
  const entries: [string, unknown][] = Object.entries(typeof value === 'object' && value !== null ? value : {});
  return Object.fromEntries(entries.flatMap(([name, each]) => (typeof each === 'string' ? [[name, each]] : [])));
}
