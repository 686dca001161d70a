import path from 'node:path';

import { openDataDir, restrictNewFiles } from '#libs/config/data-dir.js';
import { ConfigError } from '#libs/config/faults.js';
import { acquireLock } from '#scripts/lib/lock.mjs';

/**
 * Claims a data dir for one system: two would write over each other's connections, logs and keys. Held until the returned function is called
 * or this process is gone.
 * @throws {ConfigError} when another system holds it.
 */
export async function claimDataDir(dataDir: string): Promise<() => void> {
  const onWait = ({ pid }: { readonly pid: number | null }): never => {
    const holder = pid === null ? 'another process' : `process ${String(pid)}`;
    const message = `the data dir is in use by another Gangway (${holder}): stop that one, or name another folder`;
    throw new ConfigError([{ name: 'GANGWAY_DATA_DIR', message }]);
  };
  restrictNewFiles();
  openDataDir(dataDir);
  return acquireLock(path.join(dataDir, 'gangway.lock'), { onWait });
}
