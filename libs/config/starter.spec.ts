import { describe, expect, it } from 'vitest';

import { partEnvironment, readStarterSettings, withoutInstallationSettings } from './starter.js';

const ports = { api: 3000, temporal: 7233, temporalUi: 8233, sandbox: 7070 };

describe('readStarterSettings', () => {
  it('has defaults for everything', () => {
    expect(readStarterSettings({ GANGWAY_PORT: '' })).toMatchObject({
      ports,
      temporalAddress: undefined,
      connections: undefined,
      apiHost: '127.0.0.1',
    });
  });

  it('moves the UI along with Temporal', () => {
    expect(readStarterSettings({ GANGWAY_TEMPORAL_PORT: '7300' }).ports).toMatchObject({
      temporal: 7300,
      temporalUi: 8300,
    });
  });

  it('names every wrong port, and not its value', () => {
    expect(() => readStarterSettings({ GANGWAY_SANDBOX_PORT: 'secret', GANGWAY_PORT: '0' })).toThrow(
      /^GANGWAY_PORT: must be a port, a number from 1 to 65535\nGANGWAY_SANDBOX_PORT: must be a port, a number from 1 to 65535$/,
    );
  });
});

describe('partEnvironment', () => {
  const wiring = {
    dataDir: '/data',
    ports,
    connections: '/connections.yaml',
    sandboxed: true,
    embedded: true,
    temporalAddress: '127.0.0.1:7233',
    temporalUiUrl: 'http://127.0.0.1:8233',
  };

  it('tells the parts where they find one another', () => {
    expect(partEnvironment({ PATH: '/bin' }, wiring)).toEqual({
      PATH: '/bin',
      GANGWAY_DATA_DIR: '/data',
      GANGWAY_CONNECTIONS: '/connections.yaml',
      GANGWAY_PORT: '3000',
      GANGWAY_TEMPORAL_PORT: '7233',
      GANGWAY_TEMPORAL_UI_PORT: '8233',
      GANGWAY_SANDBOX_PORT: '7070',
      TEMPORAL_ADDRESS: '127.0.0.1:7233',
      GANGWAY_TEMPORAL_UI_URL: 'http://127.0.0.1:8233',
      GANGWAY_EMBEDDED: '1',
      GANGWAY_ALLOW_PRIVATE_URLS: 'true',
    });
  });

  it('allows private addresses for the sandbox only, and calls only a server of its own embedded', () => {
    const environment = partEnvironment({}, { ...wiring, sandboxed: false, embedded: false });
    expect(environment).not.toHaveProperty('GANGWAY_ALLOW_PRIVATE_URLS');
    expect(environment).not.toHaveProperty('GANGWAY_EMBEDDED');
  });
});

describe('withoutInstallationSettings', () => {
  it('keeps a demonstration away from the settings of an installation', () => {
    const environment = {
      PATH: '/bin',
      GANGWAY_API_KEYS: '/keys',
      GANGWAY_DATA_DIR: '/data',
      GANGWAY_LOG_LEVEL: 'debug',
    };
    expect(withoutInstallationSettings(environment)).toEqual({ PATH: '/bin', GANGWAY_LOG_LEVEL: 'debug' });
  });
});
