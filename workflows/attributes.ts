import {
  defineSearchAttributeKey,
  SearchAttributeType,
  type SearchAttributePair,
  type SearchAttributeUpdatePair,
} from '@temporalio/common';
import { upsertSearchAttributes } from '@temporalio/workflow';
import type { ErrorCode, JobStatus, SearchAttribute, WaitKind } from '#libs/contracts/index.js';

/** What people filter a job by in a list. Ids and enums only: search attributes are stored in clear. */
export interface JobAttributes {
  status: JobStatus;
  waitingFor: WaitKind | null;
  errorCode: ErrorCode | null;
  step: string | null;
}

const KEYWORD_LIMIT = 255;

/** One attribute with its value, as a start or a child takes it. */
export function attribute(name: SearchAttribute, value: string): SearchAttributePair {
  return { key: keyword(name), value: value.slice(0, KEYWORD_LIMIT) };
}

/** Writes what changed, in one event; nothing when nothing did. */
export function upsertChanged(before: JobAttributes, after: JobAttributes): void {
  const pairs: SearchAttributeUpdatePair[] = [];
  const put = (name: SearchAttribute, old: string | null, now: string | null): void => {
    if (old !== now) pairs.push({ key: keyword(name), value: now?.slice(0, KEYWORD_LIMIT) ?? null });
  };
  put('OnboardingStatus', before.status, after.status);
  put('WaitingFor', before.waitingFor, after.waitingFor);
  put('ErrorCode', before.errorCode, after.errorCode);
  put('Step', before.step, after.step);
  if (pairs.length > 0) upsertSearchAttributes(pairs);
}

/** Takes an account out of the list of jobs that wait to be picked up. */
export function clearQueued(): void {
  upsertSearchAttributes([
    { key: keyword('Job'), value: null },
    { key: keyword('OnboardingStatus'), value: null },
  ]);
}

function keyword(name: SearchAttribute): ReturnType<typeof defineSearchAttributeKey<'KEYWORD'>> {
  return defineSearchAttributeKey(name, SearchAttributeType.KEYWORD);
}
