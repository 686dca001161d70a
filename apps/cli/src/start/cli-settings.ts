import path from 'node:path';

import { PORTS } from '#libs/config/listening.js';
import type { StarterSettings } from '#libs/config/starter.js';

import { projectFile } from '../parts/project.js';

/**
 * The settings that the command line needs in another terminal to find a system that was started with these: none where they are the
 * defaults. Fit for a shell: `GANGWAY_PORT=3001`.
 */
export function cliSettings({
  ports,
  dataDir,
  apiHost,
}: Pick<StarterSettings, 'ports' | 'dataDir' | 'apiHost'>): string[] {
  const here = ['127.0.0.1', 'localhost', '0.0.0.0', '::', '::1'].includes(apiHost);
  return [
    ...(here ? [] : [`GANGWAY_URL=http://${apiHost}:${ports.api}`]),
    ...(here && ports.api !== PORTS.api.defaultPort ? [`GANGWAY_PORT=${ports.api}`] : []),
    ...(dataDir === projectFile('.gangway') ? [] : [`GANGWAY_DATA_DIR=${quoted(path.resolve(dataDir))}`]),
  ];
}

/** As a shell reads it back. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
