export { applyEvent, applyEvents, noticeData, type StreamEvent, type StreamEventName } from './apply-event.js';
export type { CloseKind, JobEvent, LiveFacts, PendingStep, StepFault, TaskFailure } from './events.js';
export { openHandoff } from './handoffs.js';
export { createJob, jobRequest, startedRequest, type Job, type JobRequest } from './job.js';
export { liveEvents, type LiveMemory } from './live.js';
export { updateNotice, type DeliveryNews, type Notice } from './notices.js';
export { computeProgress, waitOf, WORKER_PATIENCE_MS } from './progress.js';
export { statusSentence } from './sentences.js';
export { closeReason } from './reasons.js';
