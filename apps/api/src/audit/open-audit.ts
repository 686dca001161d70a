import { ConfigError } from '#libs/config/faults.js';
import { AuditFile } from '#libs/audit/index.js';
import type { Logger } from '#libs/logging/index.js';
import { AuditLog } from './audit-log.js';

/**
 * The audit stream of a process: into the log, at any level but `silent`, and into a file where one is named.
 * @throws {ConfigError} for a file that cannot be opened, or holds something else.
 */
export function openAudit(path: string | undefined, logger: Logger): AuditLog {
  const lines = logger.child({}, logger.level === 'silent' ? {} : { level: 'info' });
  return new AuditLog({
    log: (audit) => lines.info({ audit }, 'audit'),
    file: path === undefined ? undefined : open(path),
  });
}

function open(path: string): AuditFile {
  try {
    return new AuditFile(path);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new ConfigError([{ name: 'GANGWAY_AUDIT_FILE', message: `cannot be used: ${message}` }], { cause: error });
  }
}
