export { logFileChanges } from './file-log.js';
export { announce, createLogger, type Logger, type LoggerOptions } from './logger.js';
export { temporalLogger } from './temporal-logger.js';
