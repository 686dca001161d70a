import type { Logger as TemporalLogger, LogLevel } from '@temporalio/common';
import type { Logger } from './logger.js';

const LEVELS = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const satisfies Record<
  LogLevel,
  string
>;

/** Metadata of activities and workflows that a reader needs; the rest (task tokens, timings) is left out. */
const KEPT = [
  'accountId',
  'step',
  'vendor',
  'outcome',
  'externalId',
  'attempt',
  'activityType',
  'activityId',
  'workflowId',
  'runId',
  'taskQueue',
  'sdkComponent',
];

/** What the SDK's worker tells about itself at every start: of interest to developers alone. */
const CHATTER = /^(Worker state changed|No (activities|workflows|Nexus services) registered)/;

/** For `Runtime.install`: what the SDK, activities and workflows log goes to our logger, with the fields that say about what. */
export function temporalLogger(logger: Logger): TemporalLogger {
  const log = (level: LogLevel, message: string, meta?: Record<string | symbol, unknown>): void => {
    const method = CHATTER.test(message) ? 'debug' : LEVELS[level];
    if (logger.isLevelEnabled(method)) logger[method](fields(meta), message);
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

function fields(meta: Record<string | symbol, unknown> = {}): Record<string, unknown> {
  const kept = KEPT.flatMap((name) => (meta[name] === undefined ? [] : [[name, meta[name]] as const]));
  const err = meta['error'] ?? meta['err'];
  return { ...Object.fromEntries(kept), ...(err === undefined ? {} : { err }) };
}
