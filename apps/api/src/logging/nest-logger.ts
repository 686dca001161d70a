import type { LoggerService } from '@nestjs/common';
import type { Logger } from '#libs/logging/index.js';

/** Nest's own messages through the logger of the process. What it tells about its wiring is of interest to developers alone. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, context?: unknown): void {
    this.logger.debug({ context }, String(message));
  }

  error(message: unknown, ...more: unknown[]): void {
    this.logger.error({ context: more.at(-1) }, String(message));
  }

  warn(message: unknown, context?: unknown): void {
    this.logger.warn({ context }, String(message));
  }

  debug(message: unknown, context?: unknown): void {
    this.logger.debug({ context }, String(message));
  }

  verbose(message: unknown, context?: unknown): void {
    this.logger.trace({ context }, String(message));
  }
}
