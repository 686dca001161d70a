import { pino, type Logger } from 'pino';
import { PinoPretty } from 'pino-pretty';
import type { LogLevel } from '#libs/config/shared-settings.js';

export type { Logger } from 'pino';

/** Fields that are never written, wherever a record's first three levels hold them. A last net: nothing should log them at all. */
const SECRET_FIELDS = [
  'authorization',
  'password',
  'secret',
  'token',
  'bearer',
  'apiKey',
  'api_key',
  'clientSecret',
  'client_secret',
  'keySecret',
  'access_token',
  'callback_secret',
  'app_secret',
  'cookie',
  'whsec',
];

export interface LoggerOptions {
  level: LogLevel;
  /** The process that writes: `api`, `worker`. */
  service: string;
  /** Whether people read it: lines with colours in place of JSON. Default: whether stdout is a terminal. */
  pretty?: boolean;
  /** Where to; default stdout. */
  destination?: NodeJS.WritableStream;
}

/**
 * Writes one JSON object per line with `level` as a word, `time` in RFC 3339 and `msg`; on a terminal, readable lines. Errors go under
 * `err`.
 */
export function createLogger(options: LoggerOptions): Logger {
  const { level, service, pretty = process.stdout.isTTY, destination } = options;
  return pino(
    {
      level,
      base: { service },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]),
        censor: '[redacted]',
      },
    },
    pretty
      ? PinoPretty({
          ...(destination && { destination }),
          sync: true,
          ignore: 'service,pid,hostname',
          translateTime: 'SYS:HH:MM:ss.l',
        })
      : (destination ?? pino.destination(1)),
  );
}

/** A line that must be seen at any log level, such as `ready`: a record of its own, or plain text where records are switched off. */
export function announce(logger: Logger, line: string): void {
  if (logger.isLevelEnabled('info')) logger.info(line);
  else process.stdout.write(`${line}\n`);
}
