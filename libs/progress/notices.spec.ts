import { describe, expect, it } from 'vitest';
import {
  deliveryPauseMs,
  DELIVERY_TRIES,
  hostOf,
  notificationId,
  notificationWorkflowId,
  NOTIFY_EVENTS,
  notifyEventFromWorkflowId,
  type Delivery,
} from '#libs/contracts/index.js';
import { applyEvent } from './apply-event.js';
import type { JobEvent } from './events.js';
import type { Job } from './job.js';
import { updateNotice } from './notices.js';
import { computeProgress } from './progress.js';
import { at, job } from './progress.fixture.js';

const LINKS = { self: '', events: '', temporalUi: null };
const WORKFLOW = notificationWorkflowId('run-1', 'held', 1);
const FAULT = { code: 'RECEIVER_REFUSED', message: 'b.example answers 503.', httpStatus: 503 } as const;

type Told = JobEvent extends infer Each ? (Each extends unknown ? Omit<Each, 'eventId' | 'at'> : never) : never;

function add(to: Job, eventId: number, event: Told): ReturnType<typeof applyEvent> {
  return applyEvent(to, { eventId, at: at(eventId), ...event });
}

function told(): Job {
  const one = job();
  add(one, 5, { type: 'notice', workflowId: WORKFLOW, id: 'msg_1', event: 'held', hosts: ['a.example', 'b.example'] });
  add(one, 6, { type: 'notice-started', workflowId: WORKFLOW, runId: 'run-of-it' });
  return one;
}

const shown = (one: Job): unknown => computeProgress(one, null, LINKS).notifications;

describe('notifications in the progress', () => {
  it('are absent for a job that asks for none, and an empty list for one that has told none yet', () => {
    const one = job();
    expect(shown(one)).toBeUndefined();
    one.plan = { ...one.plan, notify: [{ url: 'https://a.example', secret: 'x', events: ['held'] }] };
    expect(shown(one)).toEqual([]);
  });

  it('are pending once asked for, and end as their workflow did', () => {
    const one = told();
    const fresh = { event: 'held', status: 'pending', attempts: 0, lastError: null, id: 'msg_1', at: at(5) };
    expect(shown(one)).toEqual([
      { ...fresh, host: 'a.example' },
      { ...fresh, host: 'b.example' },
    ]);
    const outcomes: Delivery[] = [
      { host: 'a.example', status: 'delivered', attempts: 2, lastError: null },
      { host: 'b.example', status: 'failed', attempts: 5, lastError: FAULT },
    ];
    const event = add(one, 9, { type: 'notice-ended', workflowId: WORKFLOW, outcomes });
    expect(event).toMatchObject({ event: 'status', seq: 9, data: { status: 'queued', notifications: shown(one) } });
    expect(event?.data.message).toBe('The notification of held could not be delivered: b.example answers 503.');
    expect(shown(one)).toMatchObject([
      { status: 'delivered', attempts: 2, lastError: null },
      { status: 'failed', attempts: 5, lastError: { ...FAULT, retryAt: null } },
    ]);
  });

  it('keep what their own history told of them, and what it told is news only once', () => {
    const one = told();
    const notice = one.notices.get(WORKFLOW);
    if (!notice) throw new Error('the notice is not known');
    const news = [
      { status: 'delivered', attempts: 1, lastError: null },
      { status: 'retrying', attempts: 2, lastError: { ...FAULT, retryAt: at(60) } },
    ] as const;
    expect(updateNotice(notice, news)).toBe(true);
    expect(updateNotice(notice, news)).toBe(false);
    expect(shown(one)).toMatchObject(news);
    add(one, 9, { type: 'notice-ended', workflowId: WORKFLOW, outcomes: null });
    expect(shown(one)).toMatchObject([
      { status: 'delivered', attempts: 1, lastError: null },
      { status: 'failed', attempts: 2, lastError: { code: 'NOT_DELIVERED', retryAt: null } },
    ]);
  });

  it('of what the job never asked for are none', () => {
    const one = job();
    expect(add(one, 9, { type: 'notice-ended', workflowId: WORKFLOW, outcomes: null })).toBeNull();
    expect(add(one, 10, { type: 'notice-started', workflowId: WORKFLOW, runId: 'x' })).toBeNull();
    expect(shown(one)).toBeUndefined();
  });
});

describe('the words of notifications', () => {
  it('are workflow ids that can be read back, one for each time that an event comes', () => {
    for (const event of NOTIFY_EVENTS) {
      for (const nth of [1, 2, 17]) {
        expect(notifyEventFromWorkflowId(notificationWorkflowId('run-1', event, nth))).toBe(event);
      }
    }
    expect(notificationWorkflowId('run-1', 'held', 1)).toBe('notification/run-1/held');
    expect(notificationWorkflowId('run-1', 'held', 2)).toBe('notification/run-1/held/2');
    for (const other of ['operation/acme.held', 'notification/run-1/unknown', 'notification/run-1', '']) {
      expect(notifyEventFromWorkflowId(other)).toBeUndefined();
    }
  });

  it('are message ids without a dot, which separates what is signed', () => {
    expect(notificationId('0f3c', 'rolled-back', 1)).toBe('msg_0f3c_rolled-back');
    expect(notificationId('0f3c', 'rolled-back', 3)).toBe('msg_0f3c_rolled-back_3');
  });

  it.each([
    ['https://Hooks.Acme.example/T0/secret?x=1#y', 'hooks.acme.example'],
    ['http://127.0.0.1:8080', '127.0.0.1:8080'],
    ['https://[::1]:8443/a', '[::1]:8443'],
    ['https://user:pass@hooks.example/a', 'hooks.example'],
    ['nonsense', ''],
  ])('of %s show the host alone: %s', (url, host) => expect(hostOf(url)).toBe(host));

  it('pause ever longer between the tries, over 30 minutes in all', () => {
    const pauses = Array.from({ length: DELIVERY_TRIES - 1 }, (_, index) => deliveryPauseMs(index + 1, 30 * 60_000));
    expect(pauses).toEqual([45_000, 135_000, 405_000, 1_215_000]);
    expect(pauses.reduce((sum, pause) => sum + pause, 0)).toBe(30 * 60_000);
  });
});
