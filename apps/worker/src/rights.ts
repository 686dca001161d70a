import fs from 'node:fs';
import type { WorkerSettings } from '#libs/config/worker-settings.js';
import { logFileChanges, type Logger } from '#libs/logging/index.js';

type Settings = Pick<WorkerSettings, 'connectionsFile' | 'secretVariables' | 'secretsDir'>;

/**
 * Has the log tell what becomes of the connections file while the worker runs, and now what nobody can use as a secret, or could and is
 * not there: jobs that name such a one end, and their messages do not say why. Returns what ends the watching.
 */
export function watchRights({ connectionsFile, secretVariables, secretsDir }: Settings, logger: Logger): () => void {
  if (connectionsFile === undefined) return () => undefined;
  logFileChanges(connectionsFile, logger, {
    counts: 'tenants, adopt and secrets count from now on, anything else after a restart',
  });
  const listed = Object.keys(connectionsFile.current().secrets);
  const warn = (what: string, names: string[]): void => {
    if (names.length > 0) logger.warn(`${what}: ${names.join(', ')}`);
  };
  warn(
    'listed under secrets in the connections file and not set here',
    listed.filter((name) => !secretVariables[name]),
  );
  warn(
    'set here and listed under secrets in the connections file for no tenant',
    Object.keys(secretVariables).filter((name) => !listed.includes(name)),
  );
  warn('files in GANGWAY_SECRETS_DIR outside the folder of any tenant, so nobody can use them', filesIn(secretsDir));
  return connectionsFile.poll();
}

/** Plain files directly in the folder, by name. Kubernetes' own begin with a dot. */
function filesIn(folder: string | undefined): string[] {
  if (folder === undefined) return [];
  const entries = fs.readdirSync(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isFile() && !entry.name.startsWith('.')).map(({ name }) => name);
}
