import type { AccountRef } from './ids.js';
import type { OperationKind, RepairReport } from './operation.js';
import type { JobStatus } from './progress.js';
import { NOTIFY_EVENTS, type NotifyEvent, type SecretValue } from './spec.js';

/** Events of a notification that names none: `waiting` comes with every onboarding whose channels the vendor activates. */
export const DEFAULT_NOTIFY_EVENTS: readonly NotifyEvent[] = NOTIFY_EVENTS.filter((event) => event !== 'waiting');

/** The event that a status stands for; undefined for a status that nobody is notified of. */
export function notifyEventOf(status: JobStatus): NotifyEvent | undefined {
  return NOTIFY_EVENTS.find((event) => event === status);
}

/** How often a notification is tried. */
export const DELIVERY_TRIES = 5;

/** Activity type of one delivery; it belongs to no connection and runs on the queue of the workflows. */
export const DELIVER_ACTIVITY = 'notification.deliver';

/** Why a try did not deliver, as far as machines need to know. */
export const DELIVERY_CODES = [
  /** Its answer is no 2xx. */
  'RECEIVER_REFUSED',
  /** It answers with a redirect, which is not followed. */
  'RECEIVER_REDIRECTED',
  /** No connection came about, or it broke before an answer. */
  'RECEIVER_UNREACHABLE',
  'RECEIVER_TIMED_OUT',
  /** It is at a loopback or private address, or asks for plain http, and this installation does not allow that. */
  'ADDRESS_NOT_ALLOWED',
  /** The signing secret cannot be had, or is none. */
  'SECRET_UNAVAILABLE',
  /** The delivery was ended in Temporal itself, or broke. */
  'NOT_DELIVERED',
] as const;
export type DeliveryCode = (typeof DELIVERY_CODES)[number];

/** Details of the failure of one try. */
export interface DeliveryFault {
  code: DeliveryCode;
  /** A plain sentence, without the address or a secret. */
  message: string;
  /** The receiver's answer; null when none came. */
  httpStatus: number | null;
}

/** Details of the failure with which a try ends. */
export interface DeliveryFailureDetails extends DeliveryFault {
  /** Which try it was, from 1. */
  attempt: number;
}

/** Addresses that a notification names. */
export interface NotificationLinks {
  self: string;
  events: string;
}

/** What a receiver gets as JSON (`docs/http.md` §4.3). */
export interface NotificationBody {
  /** `onboarding.succeeded`, `amendment.held` (`notificationType`). */
  type: string;
  /** When the event came about, RFC 3339 UTC. */
  timestamp: string;
  data: {
    /** `{tenant}.{account}` of the account. */
    id: string;
    runId: string;
    kind: OperationKind;
    status: JobStatus;
    reason: string | null;
    links: NotificationLinks;
  } & NotificationFacts;
}

/** What single events say besides: `repaired` names the objects that were made anew, and those with new credentials. */
export interface NotificationFacts {
  replaced?: RepairReport['replaced'];
  reissued?: RepairReport['reissued'];
}

const PREFIXES: Record<OperationKind, string> = {
  onboard: 'onboarding',
  amend: 'amendment',
  offboard: 'offboarding',
  reconcile: 'reconciliation',
  sweep: 'reconciliation',
};

/** Type of the notification of an event: `onboarding.succeeded`, `amendment.held`. */
export function notificationType(kind: OperationKind, event: NotifyEvent): string {
  return `${PREFIXES[kind]}.${event}`;
}

/** One place that is notified. */
export interface NotifyReceiver {
  url: string;
  /** Sealed, or a reference. */
  secret: SecretValue;
}

/** Input of `notify`: one event, told to everybody who asked for it. */
export interface NotifyInput {
  /** `webhook-id`: the same for every try and receiver of this event, never that of another. */
  id: string;
  event: NotifyEvent;
  account: AccountRef;
  body: NotificationBody;
  receivers: NotifyReceiver[];
}

/** What became of an event for one receiver. */
export interface Delivery {
  host: string;
  status: 'delivered' | 'failed';
  /** How often it was tried. */
  attempts: number;
  /** Of the last try; null when it delivered. */
  lastError: DeliveryFault | null;
}

/** Result of `notify`, and the details of its failure. */
export interface NotifyResult {
  deliveries: Delivery[];
}

/** Input of one delivery. */
export interface DeliverInput {
  id: string;
  account: AccountRef;
  receiver: NotifyReceiver;
  body: NotificationBody;
}

export interface DeliverResult {
  attempts: number;
  httpStatus: number;
}

/** One event for one receiver, as the progress shows it (`docs/http.md` §4.2). */
export interface NotificationProgress {
  event: NotifyEvent;
  /** pending: not tried yet, or the first try is under way. retrying: a try has failed, and there will be another. */
  status: 'pending' | 'retrying' | 'delivered' | 'failed';
  attempts: number;
  /** Of the last try that has ended; null when there was none or it delivered. */
  lastError: (DeliveryFault & { retryAt: string | null }) | null;
  /** `webhook-id`, by which the receiver knows it. */
  id: string;
  /** The receiver's host. The whole address may hold a secret. */
  host: string;
  /** When the event came about, RFC 3339 UTC. */
  at: string;
}

export const NOTIFICATION_STATUSES = [
  'pending',
  'retrying',
  'delivered',
  'failed',
] as const satisfies readonly NotificationProgress['status'][];

/** Pauses between tries grow threefold: with five tries 1 + 3 + 9 + 27 parts of the time that all of them take. */
export const DELIVERY_BACKOFF = 3;
const DELIVERY_PARTS = 40;

/** Milliseconds from the end of a try (from 1) to the next, when all tries are spread over `withinMs`. */
export function deliveryPauseMs(attempt: number, withinMs: number): number {
  return Math.ceil((withinMs / DELIVERY_PARTS) * DELIVERY_BACKOFF ** (attempt - 1));
}

/** The nth `webhook-id` of an event in a job, from 1. It holds no dot: that is the separator of what is signed. */
export function notificationId(runId: string, event: NotifyEvent, nth: number): string {
  return `msg_${runId}_${event}${nth === 1 ? '' : `_${nth}`}`;
}

/** Activity id of the delivery to the receiver at this place of the list. */
export function deliverActivityId(index: number): string {
  return `deliver:${index}`;
}

/** The receiver's place in the list that an activity id names; undefined for any other activity. */
export function receiverOfActivityId(id: string): number | undefined {
  const index = /^deliver:(\d+)$/.exec(id)?.[1];
  return index === undefined ? undefined : Number(index);
}

/** Host and port of an address, in lower case. */
export function hostOf(url: string): string {
  return (/^[a-z]+:\/\/(?:[^/?#]*@)?([^/?#]*)/i.exec(url)?.[1] ?? '').toLowerCase();
}
