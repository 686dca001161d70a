import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError } from './faults.js';
import { sandboxSettings } from './sandbox.js';

describe('the sandbox settings', () => {
  it.each([
    [undefined, 7070],
    ['', 7070],
    ['1', 1],
    ['65535', 65_535],
  ])('take the port %j as %d', (text, port) => {
    expect(sandboxSettings(text === undefined ? {} : { GANGWAY_SANDBOX_PORT: text })).toMatchObject({ port });
  });

  it.each(['127.0.0.1', 'localhost', '::1', 'sandbox', '172.20.0.5'])('take the host %s', (host) => {
    expect(sandboxSettings({ GANGWAY_SANDBOX_HOST: host }).host).toBe(host);
  });

  it.each(['0.0.0.0', '::', '0:0::0', 'sandbox.example.com', '203.0.114.7', 'http://sandbox', 'sandbox/x'])(
    'refuse the host %s: the vendors that it plays are for those who know it',
    (host) => {
      expect(() => sandboxSettings({ GANGWAY_SANDBOX_HOST: host })).toThrow(
        /^GANGWAY_SANDBOX_HOST: must be a loopback/,
      );
    },
  );

  it('keep what the vendors hold in the data dir', () => {
    expect(sandboxSettings({ GANGWAY_DATA_DIR: '/var/lib/gangway' }).stateFile).toBe('/var/lib/gangway/sandbox.state');
    expect(sandboxSettings({}).stateFile).toBe(path.resolve('.gangway/sandbox.state'));
  });

  it.each(['0', '65536', '-1', '70a', '7070.5', ' '])('refuse the port %j by name, without its value', (text) => {
    const read = (): unknown => sandboxSettings({ GANGWAY_SANDBOX_PORT: text });
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(/^GANGWAY_SANDBOX_PORT: must be a port, a number from 1 to 65535$/);
  });
});
