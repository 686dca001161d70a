import { CancellationScope, log, startChild } from '@temporalio/workflow';
import {
  accountId,
  notificationId,
  notificationWorkflowId,
  type AccountRef,
  type Chain,
  notificationType,
  type JobStatus,
  type NotificationFacts,
  type NotificationLinks,
  type NotifyEvent,
  type NotifyInput,
  type OperationKind,
  type Plan,
} from '#libs/contracts/index.js';
import { attribute } from './attributes.js';
import { escape } from './interpreter/escape.js';
import type { notify } from './notify.workflow.js';

/** What an event says besides its name. */
export interface NotifyFacts extends NotificationFacts {
  status: JobStatus;
  reason: string | null;
}

/**
 * Tells those who asked for it what a job comes to: each event is a workflow of its own that outlives the job. Never blocks the job
 * and never fails it; only its end waits, for the last of them to have been started.
 */
export class Notifier {
  private readonly told = new Map<NotifyEvent, number>();
  private starting: Promise<void>[] = [];

  /** `publicUrl` is the base of the links; without it they are paths. */
  constructor(
    private readonly runId: string,
    private readonly kind: OperationKind,
    private readonly publicUrl = '',
  ) {}

  /** Starts the delivery of an event to those whom the plan names for it. Without any it does nothing at all. */
  tell(plan: Plan, event: NotifyEvent, facts: NotifyFacts): void {
    const receivers = plan.notify.filter(({ events }) => events.includes(event));
    if (receivers.length === 0 || !isTold(this.kind, event)) return;
    const nth = (this.told.get(event) ?? 0) + 1;
    this.told.set(event, nth);
    const at = new Date().toISOString();
    const ref = { tenant: plan.tenant, account: plan.account };
    const input: NotifyInput = {
      id: notificationId(this.runId, event, nth),
      event,
      account: ref,
      body: {
        type: notificationType(this.kind, event),
        timestamp: at,
        data: { id: accountId(ref), runId: this.runId, kind: this.kind, ...facts, links: this.links(ref) },
      },
      receivers: receivers.map(({ url, secret }) => ({ url, secret })),
    };
    this.starting.push(this.start(notificationWorkflowId(this.runId, event, nth), input, plan.chain));
  }

  /** Resolves once every delivery has been started: one that a job only asked for as it closes would be lost. */
  async started(): Promise<void> {
    await Promise.all(this.starting);
  }

  private async start(workflowId: string, input: NotifyInput, chain: Chain): Promise<void> {
    const { account, event } = input;
    const id = accountId(account);
    try {
      // A job that is being cancelled tells so all the same.
      await CancellationScope.nonCancellable(() =>
        startChild<typeof notify>('notify', {
          workflowId,
          args: [input],
          parentClosePolicy: 'ABANDON',
          cancellationType: 'ABANDON',
          staticSummary: `Notify ${event}: ${id}`.slice(0, 40),
          staticDetails: [`Account: ${escape(id)}`, `Event: ${input.body.type}`, `Job: ${this.runId}`].join('\n\n'),
          // Without `Job` and `OnboardingStatus`, by which jobs are found and listed.
          typedSearchAttributes: [
            attribute('Tenant', account.tenant),
            attribute('Chain', chain),
            attribute('Account', id),
          ],
        }),
      );
    } catch (error) {
      log.error('a notification could not be started', { event, error: String(error) });
    }
  }

  private links(ref: AccountRef): NotificationLinks {
    const self = `${this.publicUrl}/v1/onboardings/${accountId(ref)}`;
    return {
      self: `${self}?runId=${this.runId}`,
      events: `${self}/events?runId=${this.runId}`,
    };
  }
}

/** That a reconciliation has ended well is no news: what it found or did is. */
function isTold(kind: OperationKind, event: NotifyEvent): boolean {
  return kind !== 'reconcile' || event !== 'succeeded';
}
