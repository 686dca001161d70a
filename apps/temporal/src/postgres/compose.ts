import fs from 'node:fs';
import path from 'node:path';

import { parse } from 'yaml';

import { checkoutFile } from '../pinned-module.js';

type Variables = Readonly<Record<string, string>>;

interface ComposeService {
  readonly environment?: Variables;
  readonly volumes?: readonly string[];
}

/** What `docker-compose.yml` runs Temporal by, with the files of this checkout in the place of the containers'. */
export interface ComposedTemporal {
  /** Variables of the server. */
  readonly server: Variables;
  /** Variables of the script that makes the databases and their tables. */
  readonly schema: Variables;
  /** File of the server's dynamic settings. */
  readonly dynamicConfig: string;
  readonly schemaScript: string;
  readonly namespaceScript: string;
}

/** Reads the compose file of this checkout. @throws {Error} where it lacks something that is needed. */
export function readComposedTemporal(file: string = checkoutFile('docker-compose.yml')): ComposedTemporal {
  const { services } = parse(fs.readFileSync(file, 'utf8'), { merge: true }) as {
    services: Readonly<Record<string, ComposeService>>;
  };
  const folder = path.dirname(file);
  const variables = (name: string): Variables => services[name]?.environment ?? {};
  /** The file of the checkout that a service finds under a path of its own. */
  const mounted = (name: string, inside: (target: string) => boolean): string => {
    for (const volume of services[name]?.volumes ?? []) {
      const [source = '', target = ''] = volume.split(':');
      if (inside(target)) return path.join(folder, source);
    }
    throw new Error(`${file}: the service ${name} lacks a file that it needs`);
  };
  const server = variables('temporal');
  return {
    server,
    schema: variables('temporal-schema'),
    dynamicConfig: mounted('temporal', (target) => target === server['DYNAMIC_CONFIG_FILE_PATH']),
    schemaScript: mounted('temporal-schema', (target) => target.endsWith('.sh')),
    namespaceScript: mounted('temporal-namespace', (target) => target.endsWith('.sh')),
  };
}
