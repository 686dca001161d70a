import { ApplicationFailure, type Logger as TemporalLogger, type LogLevel } from '@temporalio/common';
import { CLOSE_TYPES } from '#libs/contracts/index.js';
import type { Logger } from './logger.js';
import { TaskFailures, type FailingTask } from './task-failures.js';

const LEVELS = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const satisfies Record<
  LogLevel,
  string
>;

/** Metadata of activities and workflows that a reader needs; the rest (task tokens, timings) is left out. */
const KEPT = [
  'accountId',
  'step',
  'vendor',
  'resource',
  'operation',
  'outcome',
  'externalId',
  'code',
  'httpStatus',
  'vendorCode',
  'reason',
  'event',
  'webhookId',
  'host',
  'attempt',
  'activityType',
  'activityId',
  'workflowId',
  'runId',
  'taskQueue',
  'sdkComponent',
];

/** What the SDK's worker logs about itself at every start: of interest to developers alone. */
const CHATTER = /^(Worker state changed|No (activities|workflows|Nexus services) registered)/;

type Meta = Record<string | symbol, unknown>;
type Level = (typeof LEVELS)[LogLevel];

/** An error that is logged in one line. */
interface Raised {
  code: string;
  reason: string;
  /** Whether nothing is tried again. */
  final: boolean;
}

/** For `Runtime.install`: what the SDK, activities and workflows log goes to our logger, with the fields that say about what. */
export function temporalLogger(logger: Logger): TemporalLogger {
  const failures = new TaskFailures();
  const log = (level: LogLevel, message: string, meta?: Meta): void => {
    const failing = failures.read(message, meta);
    if (failing) {
      tellFailing(logger, failing);
      return;
    }
    const raised = raisedOnPurpose(meta);
    const method = CHATTER.test(message) ? 'debug' : raised ? levelOf(raised, meta, LEVELS[level]) : LEVELS[level];
    if (logger.isLevelEnabled(method)) logger[method](fields(meta, raised), message);
  };
  return {
    log,
    trace: (message, meta) => log('TRACE', message, meta),
    debug: (message, meta) => log('DEBUG', message, meta),
    info: (message, meta) => log('INFO', message, meta),
    warn: (message, meta) => log('WARN', message, meta),
    error: (message, meta) => log('ERROR', message, meta),
  };
}

/** Once a run at `error`: the task is tried again every few seconds, for as long as the cause stands. */
function tellFailing(logger: Logger, { first, runId, workflowId, cause }: FailingTask): void {
  const named = { ...(workflowId === undefined ? {} : { workflowId }), ...(runId === undefined ? {} : { runId }) };
  const why = cause instanceof Error ? { err: cause } : { cause };
  logger[first ? 'error' : 'debug'](
    { ...named, ...why },
    'a workflow task fails: the workflow stands still until the cause is mended, and nothing of it is undone',
  );
}

function fields(meta: Meta = {}, raised: Raised | undefined): Record<string, unknown> {
  const kept = KEPT.flatMap((name) => (meta[name] === undefined ? [] : [[name, meta[name]] as const]));
  const err = errorOf(meta);
  return { ...Object.fromEntries(kept), ...(raised ?? (err === undefined ? {} : { err })) };
}

function errorOf(meta: Meta = {}): unknown {
  return meta['error'] ?? meta['err'];
}

/**
 * What our own code throws to say how a step or a job came out: a refusal of a vendor, a fault that is tried again, a rollback. All of
 * it is in type and message; a stack would only tell where in our code that was written down. Undefined for everything else.
 */
function raisedOnPurpose(meta: Meta | undefined): Raised | undefined {
  const error = errorOf(meta);
  if (!(error instanceof Error)) return undefined;
  if (error instanceof ApplicationFailure) {
    if (error.cause !== undefined || typeof error.type !== 'string') return undefined;
    return { code: error.type, reason: error.message, final: error.nonRetryable === true };
  }
  // From the workflows' thread an error comes as a copy without its class; those of `workflows/closing.ts` have no frames.
  const code = /^([A-Z_]+): /.exec(error.stack ?? '')?.[1];
  const bare = code !== undefined && error.stack === `${code}: ${error.message}`;
  return bare ? { code, reason: error.message, final: true } : undefined;
}

/** The end of a job is news, not a warning: who started it is told. Its account repeats it. */
function levelOf({ code }: Raised, meta: Meta | undefined, otherwise: Level): Level {
  if (!CLOSE_TYPES.some((type) => type === code)) return otherwise;
  return meta?.['workflowType'] === 'account' ? 'debug' : 'info';
}
