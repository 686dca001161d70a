import {
  answerFits,
  commandFits,
  ERROR_CODES,
  isConnectionVerb,
  JOB_STATUSES,
  type Command,
  type HandoffAnswer,
  type InspectResult,
  type JobStatus,
  type PlanNode,
  type StepProgress,
  type Verb,
} from '#libs/contracts/index.js';
import type { CloseKind, JobEvent } from './events.js';
import { leftoversOf, nodeKey, replan, stepFacts, stepOf, titled, type Job, type OpenActivity } from './job.js';
import { closeReason } from './reasons.js';
import {
  askSentence,
  checkSentence,
  handoffSentence,
  leftoversSentence,
  startedSentence,
  statusSentence,
  stepSentence,
  waitingSentence,
} from './sentences.js';
import { openHandoff, waitForPerson } from './handoffs.js';
import { endNotice, freshNotice, noticeSentence, notificationsOf, type Notice } from './notices.js';
import {
  carriedOver,
  completed,
  conflictsOf,
  failed,
  handedOver,
  handedTo,
  inspected,
  scheduled,
  stepProgress,
  stopped,
  stepError,
  type StepState,
} from './steps.js';

export type StreamEventName = 'started' | 'step' | 'status' | 'command' | 'closed';

/** What a stream tells about one change (`docs/http.md` §4.3). */
export interface StreamEvent {
  event: StreamEventName;
  /** The event id in the operation's history; null for what the history does not hold. */
  seq: number | null;
  data: { seq?: number; at: string; message: string; [field: string]: unknown };
}

const CLOSED_STATUS: Record<Exclude<CloseKind, 'failed'>, JobStatus> = {
  completed: 'succeeded',
  cancelled: 'cancelled',
  terminated: 'interrupted',
};

const FINAL: readonly JobStatus[] = ['succeeded', 'rolled-back', 'cancelled', 'rejected', 'interrupted', 'failed'];

/** Moves a job on by one event of its history. Answers what a stream tells of it: one event or none, never two. */
export function applyEvent(job: Job, event: JobEvent): StreamEvent | null {
  job.lastEventId = event.eventId;
  const told = dispatch(job, event);
  if (told) job.updatedAt = event.at;
  return told;
}

/** Replays a history: the job as it stands, and everything that a stream would have told. */
export function applyEvents(job: Job, events: Iterable<JobEvent>): StreamEvent[] {
  const told: StreamEvent[] = [];
  for (const event of events) {
    const one = applyEvent(job, event);
    if (one) told.push(one);
  }
  return told;
}

function dispatch(job: Job, event: JobEvent): StreamEvent | null {
  switch (event.type) {
    case 'started':
      setStatus(job, 'running', event.at);
      return tell('started', event, { status: job.status, message: startedSentence(job.request.kind, job.plan) });
    case 'attributes':
      return onAttributes(job, event);
    case 'scheduled':
      return onScheduled(job, event);
    case 'attempt':
      onAttempt(job, event);
      return null;
    case 'completed':
      return onCompleted(job, event);
    case 'failed':
      return onEnd(job, event, (step, verb) => failed(step, verb, event.fault, event.at));
    case 'cancelled':
      return onEnd(job, event, (step, verb) => stopped(step, verb, event.at));
    case 'command':
      return onCommand(job, event, event.command);
    case 'handoff':
      return onHandoff(job, event);
    case 'notice':
      return onNotice(job, event);
    case 'notice-started':
      return onNoticeStarted(job, event);
    case 'notice-ended':
      return onNoticeEnded(job, event);
    case 'closed':
      return onClosed(job, event);
  }
}

type EventOf<Type extends JobEvent['type']> = Extract<JobEvent, { type: Type }>;

function onAttributes(job: Job, event: EventOf<'attributes'>): StreamEvent | null {
  const { values } = event;
  if ('ErrorCode' in values) job.errorCode = ERROR_CODES.find((code) => code === values.ErrorCode) ?? null;
  if ('Step' in values) job.failedStep = values.Step ? nodeKey(job, values.Step) : null;
  const status = JOB_STATUSES.find((known) => known === values.OnboardingStatus);
  // The last status is written just before the end: it counts once the operation has ended.
  if (status === undefined || status === job.status || FINAL.includes(status)) return null;
  setStatus(job, status, event.at);
  const leftovers = leftoversOf(job);
  const person = status === 'waiting' ? waitForPerson(job) : null;
  return tell('status', event, {
    status,
    ...(leftovers.length > 0 ? { leftovers } : {}),
    ...(person ? { waitingFor: person.waitingFor } : {}),
    message:
      status === 'waiting'
        ? (person?.sentence ?? waitingSentence(job.request.kind, openConditions(job)))
        : statusSentence(job.request.kind, status),
  });
}

function onScheduled(job: Job, event: EventOf<'scheduled'>): StreamEvent | null {
  const { eventId, verb, queue, at } = event;
  const key = nodeKey(job, event.key);
  const activity: OpenActivity = { key, verb, ...(queue === undefined ? {} : { queue }) };
  job.open.set(eventId, activity);
  return onStep(job, event, activity, (step) => scheduled(step, verb, at, job.status === 'rolling-back'));
}

function onAttempt(job: Job, { scheduledEventId, attempt, lastFault }: EventOf<'attempt'>): void {
  const activity = job.open.get(scheduledEventId);
  const step = activity && !isConnectionVerb(activity.verb) ? stepOf(job, activity) : undefined;
  if (!step) return;
  step.attempt = attempt;
  if (lastFault) step.lastError = stepError(lastFault, null);
}

function onCompleted(job: Job, event: EventOf<'completed'>): StreamEvent | null {
  const activity = job.open.get(event.scheduledEventId);
  if (activity?.verb === 'inspect') return onInspected(job, event);
  if (activity?.verb !== 'look') {
    return onEnd(job, event, (step, verb) => {
      completed(step, verb, event.result, event.at);
      if (verb === 'ensure' && step.phase === 'done') giveToCarrier(job, step, event.at);
    });
  }
  job.open.delete(event.scheduledEventId);
  for (const { from, to } of carriedOver(event.result)) {
    const step = job.steps.get(from);
    if (step) step.carrier = to;
  }
  const [conflict, ...others] = conflictsOf(event.result);
  for (const { key, fault } of others) fail(job, key, fault, event.at);
  if (!conflict) return null;
  return onStep(job, event, { key: conflict.key, verb: 'ensure' }, (step) => {
    failed(step, 'look', conflict.fault(step.node.title), event.at);
  });
}

/** What a step took over from another is that one's no more. */
function giveToCarrier(job: Job, carrier: StepState, at: string): void {
  for (const step of job.steps.values()) {
    if (step.removal && step.carrier === carrier.node.key) handedTo(step, carrier, at);
  }
}

function onInspected(job: Job, event: EventOf<'completed'>): StreamEvent | null {
  job.open.delete(event.scheduledEventId);
  const result = event.result as InspectResult;
  for (const key of result.keys) {
    const step = job.steps.get(key);
    if (step) inspected(step, result, event.at);
  }
  const steps = [...job.steps.values()].map((step) => stepProgress(step, undefined, false));
  const differing = result.drift.length;
  const message = `Compared ${String(result.keys.length)} objects: ${differing === 0 ? 'none differs' : `${String(differing)} findings`}.`;
  return tell('status', event, {
    status: job.status,
    steps: steps.filter(({ key }) => result.keys.includes(key)),
    message,
  });
}

function fail(job: Job, key: string, fault: ReturnType<typeof conflictsOf>[number]['fault'], at: string): void {
  const step = job.steps.get(key);
  if (step) failed(step, 'look', fault(step.node.title), at);
}

function onEnd(
  job: Job,
  event: EventOf<'completed' | 'failed' | 'cancelled'>,
  change: (step: StepState, verb: Verb) => void,
): StreamEvent | null {
  const activity = job.open.get(event.scheduledEventId);
  if (!activity) return null;
  job.open.delete(event.scheduledEventId);
  return onStep(job, event, activity, (step) => change(step, activity.verb));
}

/** Changes a step and tells which of its fields have changed; null when none has. */
function onStep(
  job: Job,
  event: JobEvent,
  activity: OpenActivity,
  change: (step: StepState) => void,
): StreamEvent | null {
  const step = stepOf(job, activity);
  if (!step) return null;
  const before = stepProgress(step, undefined, false);
  change(step);
  const changed = changedFields(before, stepProgress(step, undefined, false));
  if (Object.keys(changed).length === 0) return null;
  const told = titled(job, step);
  const message = activity.verb === 'check' ? checkSentence(told) : stepSentence(told);
  return tell('step', event, { ...stepFacts(job, step, changed), message });
}

function onHandoff(job: Job, event: EventOf<'handoff'>): StreamEvent | null {
  const { handoff } = event;
  const step = job.steps.get(handoff.key);
  if (!step) return null;
  const reminded = handoff.id === job.handoff?.id && handoff.reminders > job.handoff.reminders;
  if (handoff.state === 'rejected' && handoff.kind !== 'remove') job.rejectedBy = job.answer;
  // That the file was fetched is told by the command; the workflow writes it down when there is more to say.
  const fetchedAt = handoff.fetchedAt ?? (handoff.id === job.handoff?.id ? job.handoff.fetchedAt : null);
  job.handoff = { ...handoff, fetchedAt };
  job.answer = null;
  const before = stepProgress(step, undefined, false);
  if (!reminded) handedOver(step, handoff, event.at);
  const changed = changedFields(before, stepProgress(step, undefined, false));
  const person = waitForPerson(job);
  const sentence = handoffSentence(step.node, handoff);
  const message = reminded ? `Reminder ${String(handoff.reminders)}: ${askSentence(step.node, handoff)}` : sentence;
  return tell('step', event, { key: step.node.key, ...changed, waitingFor: person?.waitingFor ?? null, message });
}

function onCommand(job: Job, event: JobEvent, command: Command): StreamEvent | null {
  const repeated = job.commands.has(command.id);
  const meant = command.runId === job.request.runId;
  if (command.verb === 'handoff-fetched') return repeated || !meant ? null : onFetched(job, event, command);
  const ignored = repeated || !meant || !fits(job, command);
  const sentence =
    command.verb === 'handoff'
      ? `${command.by} answered the hand-off: ${command.reason}`
      : `${command.by} asked for ${command.verb}: ${command.reason}`;
  if (!ignored) {
    job.commands.add(command.id);
    if (command.verb === 'cancel') job.cancelledBy ??= command;
    if (command.verb === 'accept-leftovers') job.acceptedBy ??= command;
    if (command.verb === 'handoff') job.answer = command;
    if (command.verb === 'retry' && command.plan) replan(job, command.plan);
  }
  return tell('command', event, {
    commandId: command.id,
    verb: command.verb,
    by: command.by,
    reason: command.reason,
    ...(ignored ? { ignored: true } : {}),
    message: ignored ? `${sentence} (ignored: it did not fit the status ${job.status})` : sentence,
  });
}

/** An answer fits while its hand-off is open and no other answer waits to be judged. */
function fits(job: Job, command: Command): boolean {
  if (!commandFits(command.verb, job.status, job.request.kind)) return false;
  if (command.verb !== 'handoff') return true;
  const answer = command.answer as HandoffAnswer | undefined; // whoever may write to the namespace may send anything
  const open = openHandoff(job);
  return open !== null && answer?.handoff === open.id && job.answer === null && answerFits(open.kind, answer);
}

function onFetched(
  job: Job,
  event: JobEvent,
  command: Extract<Command, { verb: 'handoff' | 'handoff-fetched' }>,
): StreamEvent {
  job.commands.add(command.id);
  if (job.handoff && job.handoff.id === (command.answer as HandoffAnswer | undefined)?.handoff)
    job.handoff.fetchedAt ??= command.at;
  const { id: commandId, verb, by, reason } = command;
  return tell('command', event, { commandId, verb, by, reason, message: `${by} fetched the file of the hand-off.` });
}

function onClosed(job: Job, event: EventOf<'closed'>): StreamEvent {
  const { how, details, result, at } = event;
  job.closed = { how, details, result, at };
  setStatus(job, how === 'failed' ? (details?.status ?? 'interrupted') : CLOSED_STATUS[how], at);
  job.open.clear();
  job.answer = null;
  const reason = closeReason(job);
  const leftovers = leftoversOf(job);
  // With leftovers a job ends only because somebody took them as they are.
  const sentence =
    job.status === 'rollback-incomplete'
      ? leftoversSentence(leftovers.length, job.acceptedBy)
      : statusSentence(job.request.kind, job.status);
  return tell('closed', event, {
    status: job.status,
    closedAt: at,
    reason,
    leftovers,
    message: reason === null ? sentence : `${sentence} ${reason}`,
  });
}

/** Conditions that are looked at now. */
function openConditions(job: Job): PlanNode[] {
  return [...job.steps.values()]
    .filter(({ node, phase }) => node.waits === true && phase === 'ensuring')
    .map(({ node }) => node);
}

function onNotice(job: Job, event: EventOf<'notice'>): StreamEvent {
  const notice = freshNotice(event);
  job.notices.set(event.workflowId, notice);
  return tell('status', event, noticeData(job, notice));
}

function onNoticeStarted(job: Job, { workflowId, runId }: EventOf<'notice-started'>): null {
  const notice = job.notices.get(workflowId);
  if (notice) notice.runId = runId;
  return null;
}

function onNoticeEnded(job: Job, event: EventOf<'notice-ended'>): StreamEvent | null {
  const notice = job.notices.get(event.workflowId);
  if (!notice) return null;
  endNotice(notice, event.outcomes);
  return tell('status', event, noticeData(job, notice));
}

/** What a stream tells when something has become of a notice. */
export function noticeData(job: Job, notice: Notice): { message: string; [field: string]: unknown } {
  return { status: job.status, notifications: notificationsOf(job.notices), message: noticeSentence(notice) };
}

function setStatus(job: Job, status: JobStatus, at: string): void {
  if (status === job.status) return;
  job.status = status;
  job.statusSince = at;
  // A new round of undo begins: what was left before is tried again.
  if (status !== 'rolling-back') return;
  for (const step of [...job.steps.values(), ...job.former.values()]) step.leftover = null;
}

function tell(
  event: StreamEventName,
  { eventId, at }: JobEvent,
  data: { message: string; [field: string]: unknown },
): StreamEvent {
  return { event, seq: eventId, data: { seq: eventId, at, ...data } };
}

function changedFields(before: StepProgress, after: StepProgress): Partial<StepProgress> {
  const entries = Object.entries(after).filter(
    ([name, value]) => JSON.stringify(value) !== JSON.stringify(before[name as keyof StepProgress]),
  );
  return Object.fromEntries(entries);
}
