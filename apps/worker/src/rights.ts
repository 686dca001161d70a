import type { WorkerSettings } from '#libs/config/worker-settings.js';
import { logFileChanges, type Logger } from '#libs/logging/index.js';

type Settings = Pick<WorkerSettings, 'connectionsFile' | 'secretVariables'>;

/**
 * Has the log tell what becomes of the connections file while the worker runs, and now which listed secrets it has not: jobs that name
 * one end, and their messages do not say whether it is there. Returns what ends the watching.
 */
export function watchRights({ connectionsFile, secretVariables }: Settings, logger: Logger): () => void {
  if (connectionsFile === undefined) return () => undefined;
  logFileChanges(connectionsFile, logger, {
    counts: 'tenants, adopt and secrets count from now on, anything else after a restart',
  });
  const unset = Object.keys(connectionsFile.current().secrets).filter((name) => !secretVariables[name]);
  if (unset.length > 0)
    logger.warn(`listed under secrets in the connections file and not set here: ${unset.join(', ')}`);
  return connectionsFile.poll();
}
