import type { ApiSettings } from '#libs/config/api-settings.js';
import type { WatchedFile } from '#libs/config/watched-file.js';
import { logFileChanges, type Logger } from '#libs/logging/index.js';
import type { Metrics } from './metrics.js';

interface Deps {
  logger: Logger;
  metrics: Pick<Metrics, 'reload'>;
}

/**
 * Takes up changes of the files of API keys and connections within a second, and has log and metrics tell of them and of faults.
 * Returns what ends that.
 */
export function watchFiles(
  { apiKeysFile, connectionsFile }: Pick<ApiSettings, 'apiKeysFile' | 'connectionsFile'>,
  deps: Deps,
): () => void {
  const ends = [
    watch(apiKeysFile, 'GANGWAY_API_KEYS', 'its keys count from now on', deps),
    watch(
      connectionsFile,
      'GANGWAY_CONNECTIONS',
      'tenants, adopt and secrets count from now on, anything else after a restart',
      deps,
    ),
  ];
  return () => {
    for (const end of ends) end();
  };
}

function watch(
  file: WatchedFile<unknown> | undefined,
  variable: string,
  counts: string,
  { logger, metrics }: Deps,
): () => void {
  if (!file) return () => undefined;
  logFileChanges(file, logger, { counts });
  file.listen({
    onChange: () => metrics.reload(variable, 'read'),
    onFault: () => metrics.reload(variable, 'faulty'),
  });
  return file.poll();
}
