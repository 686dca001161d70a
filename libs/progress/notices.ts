import {
  DELIVERY_TRIES,
  type Delivery,
  type DeliveryFault,
  type NotificationProgress,
  type NotifyEvent,
} from '#libs/contracts/index.js';

/** How many are shown: reminders may come for months. */
const SHOWN = 100;

/** The telling of one event, as far as it is known: by the job's history, and while it goes on by its own. */
export interface Notice {
  /** The workflow that delivers it. */
  workflowId: string;
  /** Null until that has started. */
  runId: string | null;
  ended: boolean;
  /** One for each receiver, in their order. */
  deliveries: NotificationProgress[];
}

/** What is known of a delivery that goes on, besides what its notice says. */
export type DeliveryNews = Pick<NotificationProgress, 'status' | 'attempts' | 'lastError'>;

/** A notice of which nothing has been delivered yet. */
export function freshNotice(facts: {
  workflowId: string;
  id: string;
  event: NotifyEvent;
  at: string;
  hosts: readonly string[];
}): Notice {
  const { workflowId, id, event, at, hosts } = facts;
  const fresh = { event, status: 'pending', attempts: 0, lastError: null, id, at } as const;
  return { workflowId, runId: null, ended: false, deliveries: hosts.map((host) => ({ ...fresh, host })) };
}

/** How a notice ended. Without outcomes somebody ended it in Temporal: what had not been delivered by then never will be. */
export function endNotice(notice: Notice, outcomes: readonly Delivery[] | null): void {
  notice.ended = true;
  notice.deliveries.forEach((delivery, index) => {
    const outcome = outcomes?.[index];
    if (outcome) Object.assign(delivery, settled(outcome));
    else if (isOpen(delivery)) Object.assign(delivery, settled({ ...delivery, status: 'failed', lastError: ENDED }));
  });
}

/** Brings a notice up to date with what its own history tells; answers whether that says more than was known. */
export function updateNotice(notice: Notice, news: readonly (DeliveryNews | undefined)[]): boolean {
  const before = JSON.stringify(notice.deliveries);
  notice.deliveries.forEach((delivery, index) => Object.assign(delivery, news[index]));
  return JSON.stringify(notice.deliveries) !== before;
}

/** What the progress shows of all notices, in their order: the latest of many. */
export function notificationsOf(notices: ReadonlyMap<string, Notice>): NotificationProgress[] {
  return [...notices.values()].flatMap(({ deliveries }) => deliveries.map((each) => ({ ...each }))).slice(-SHOWN);
}

/** What has become of a notice, for somebody on support. */
export function noticeSentence({ deliveries }: Notice): string {
  const [first] = deliveries;
  const what = `The notification of ${first?.event ?? 'an event'}`;
  const failed = deliveries.find(({ status }) => status === 'failed');
  if (failed) return `${what} could not be delivered: ${failed.lastError?.message ?? 'for an unknown reason.'}`;
  const retrying = deliveries.find(({ status }) => status === 'retrying');
  if (retrying) {
    const tries = `try ${retrying.attempts} of ${DELIVERY_TRIES}`;
    return `${what} has not been delivered yet (${tries}): ${retrying.lastError?.message ?? 'for an unknown reason.'}`;
  }
  const hosts = [...new Set(deliveries.map(({ host }) => host))].join(', ');
  return deliveries.every(({ status }) => status === 'delivered')
    ? `${what} was delivered to ${hosts}.`
    : `${what} is sent to ${hosts}.`;
}

const ENDED: DeliveryFault = {
  code: 'NOT_DELIVERED',
  message: 'The delivery was ended in Temporal.',
  httpStatus: null,
};

function isOpen({ status }: NotificationProgress): boolean {
  return status === 'pending' || status === 'retrying';
}

function settled({ status, attempts, lastError }: Pick<Delivery, 'status' | 'attempts' | 'lastError'>): DeliveryNews {
  return { status, attempts, lastError: lastError && { ...lastError, retryAt: null } };
}
