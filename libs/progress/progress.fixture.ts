import type {
  Command,
  CommandVerb,
  EnsureResult,
  OperationInput,
  Plan,
  PlanNode,
  RemoveResult,
  Verb,
} from '#libs/contracts/index.js';
import type { JobEvent, LiveFacts, PendingStep, StepFault } from './events.js';
import { createJob, type Job } from './job.js';

/** RFC 3339 UTC of so many seconds after the job was accepted. */
export function at(seconds: number): string {
  return new Date(Date.UTC(2026, 0, 1, 12, 0, seconds)).toISOString();
}

/** Three objects one after the other, and a condition: `a` <- `b` <- `c`, and `ready` behind `a`. */
export function plan(): Plan {
  const node = (key: string, needs: string[], more: Partial<PlanNode> = {}): PlanNode => ({
    key,
    vendor: 'egain',
    vendorLabel: 'eGain',
    resource: 'channel',
    connection: 'egain-main',
    title: `Step ${key}`,
    needs,
    adopt: false,
    marker: '',
    body: {},
    ...more,
  });
  return {
    version: 1,
    tenant: 'acme',
    account: 'support',
    chain: 'egain',
    installation: 'test',
    onFailure: 'rollback',
    notify: [],
    nodes: [
      node('a', []),
      node('b', ['a']),
      node('c', ['b']),
      node('ready', ['a'], {
        vendor: 'sinch',
        vendorLabel: 'Sinch',
        resource: 'channels',
        connection: 'sinch-eu',
        waits: true,
      }),
    ],
    spec: {},
    texts: [],
    planHash: 'plan',
    specHash: 'spec',
  };
}

export function job(): Job {
  return createJob({ kind: 'onboard', runId: 'run-1', acceptedAt: at(0), plan: plan(), from: null });
}

/** Writes a history event by event; each takes the next id and a second. */
export class History {
  readonly events: JobEvent[] = [];
  private next = 0;

  started(): this {
    const input: OperationInput = {
      kind: 'onboard',
      runId: 'run-1',
      by: 'ci',
      acceptedAt: at(0),
      tenant: 'acme',
      account: 'support',
      from: null,
      to: plan(),
    };
    return this.add({ type: 'started', input });
  }

  status(status: string, more: { ErrorCode?: string; Step?: string } = {}): this {
    return this.add({ type: 'attributes', values: { OnboardingStatus: status, ...more } });
  }

  scheduled(key: string, verb: Verb = 'ensure', queue?: string): this {
    return this.add({ type: 'scheduled', key, verb, ...(queue === undefined ? {} : { queue }) });
  }

  /** An object comes to stand. */
  done(key: string, outcome: EnsureResult['outcome'] = 'created', queue?: string): this {
    const result: Partial<EnsureResult> = { externalId: `id-${key}`, outcome };
    return this.scheduled(key, 'ensure', queue).end({ type: 'completed', result });
  }

  failed(key: string, fault: StepFault = refusal(), verb: 'look' | 'ensure' | 'remove' = 'ensure'): this {
    return this.scheduled(key, verb).end({ type: 'failed', fault });
  }

  cancelled(key: string): this {
    return this.scheduled(key).end({ type: 'cancelled' });
  }

  removed(key: string, outcome: RemoveResult['outcome'] = 'removed', queue?: string): this {
    const result: RemoveResult = { outcome, removed: [], message: outcome };
    return this.scheduled(key, 'remove', queue).end({ type: 'completed', result });
  }

  command(verb: CommandVerb, change: Partial<Command> = {}): this {
    const command = {
      id: `command-${this.next}`,
      verb,
      runId: 'run-1',
      by: 'ops',
      reason: 'why not',
      at: at(0),
      ...change,
    } as Command;
    return this.add({ type: 'command', command });
  }

  closed(
    how: Extract<JobEvent, { type: 'closed' }>['how'],
    more: Partial<Extract<JobEvent, { type: 'closed' }>> = {},
  ): this {
    return this.add({ type: 'closed', how, details: null, result: null, ...more });
  }

  /** Ends the activity that was scheduled last. */
  end(
    body: { type: 'completed'; result: unknown } | { type: 'failed'; fault: StepFault } | { type: 'cancelled' },
  ): this {
    return this.add({ ...body, scheduledEventId: this.next });
  }

  add(body: Distribute<JobEvent>): this {
    this.next += 1;
    this.events.push({ eventId: this.next, at: at(this.next), ...body });
    return this;
  }
}

type Distribute<T> = T extends unknown ? Omit<T, 'eventId' | 'at'> : never;

export function refusal(change: Partial<StepFault> = {}): StepFault {
  return {
    code: 'INVALID_REQUEST',
    message: 'eGain refuses it',
    httpStatus: 400,
    vendorCode: '400-143',
    externalId: null,
    ...change,
  };
}

/** What `describe` tells of open activities, so many seconds after the job was accepted. */
export function live(seconds: number, ...pending: Partial<PendingStep>[]): LiveFacts {
  return {
    at: at(seconds),
    taskWaitsSince: null,
    pending: pending.map((each) => ({
      key: 'a',
      verb: 'ensure',
      state: 'started',
      attempt: 1,
      scheduledAt: at(seconds),
      lastEndedAt: null,
      nextAttemptAt: null,
      lastFault: null,
      ...each,
    })),
  };
}
