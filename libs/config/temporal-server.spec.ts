import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { readTemporalServerConfig } from './temporal-server.js';

describe('readTemporalServerConfig', () => {
  it('has a default for everything', () => {
    expect(readTemporalServerConfig({ HOME: '/home/ada', PATH: '/bin::/usr/bin' }, 'linux')).toMatchObject({
      address: undefined,
      namespace: 'default',
      cliPath: undefined,
      searchPath: ['/bin', '/usr/bin'],
      dataDir: path.resolve('.gangway'),
      cacheDir: '/home/ada/.cache/gangway',
      port: 7233,
      uiPort: 8233,
      codecEndpoint: 'http://127.0.0.1:3000/v1/codec',
    });
  });

  it('reads what is given', () => {
    const environment = {
      TEMPORAL_ADDRESS: 'temporal:7233',
      TEMPORAL_NAMESPACE: 'team',
      TEMPORAL_CLI_PATH: '/opt/temporal',
      GANGWAY_DATA_DIR: '/data',
      XDG_CACHE_HOME: '/cache',
      GANGWAY_TEMPORAL_PORT: '9000',
      GANGWAY_PORT: '4000',
    };
    expect(readTemporalServerConfig(environment, 'linux')).toMatchObject({
      address: 'temporal:7233',
      namespace: 'team',
      cliPath: '/opt/temporal',
      dataDir: '/data',
      cacheDir: '/cache/gangway',
      port: 9000,
      uiPort: 10000,
      codecEndpoint: 'http://127.0.0.1:4000/v1/codec',
    });
  });

  it('counts an empty variable as one that is not set', () => {
    const environment = { HOME: '/home/ada', TEMPORAL_ADDRESS: '', GANGWAY_DATA_DIR: '', XDG_CACHE_HOME: '' };
    const config = readTemporalServerConfig(environment, 'darwin');
    expect(config).toMatchObject({ address: undefined, dataDir: path.resolve('.gangway') });
    expect(config.cacheDir).toBe('/home/ada/Library/Caches/gangway');
  });

  it.each(['0', '65536', '-1', '80a', '1e3'])('refuses the port %s and names each variable that has it', (port) => {
    const read = (): unknown =>
      readTemporalServerConfig({ GANGWAY_TEMPORAL_UI_PORT: port, GANGWAY_PORT: port }, 'linux');
    expect(read).toThrow(/^GANGWAY_TEMPORAL_UI_PORT: must be a port.*\nGANGWAY_PORT: must be a port/);
  });
});
