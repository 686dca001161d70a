import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { GENERATED_API_KEY_FILE, readCliSettings } from './cli-settings.js';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(path.join(os.tmpdir(), 'gangway-settings-'));
});
afterEach(() => {
  rmSync(dataDir, { recursive: true, force: true });
});

describe('readCliSettings', () => {
  it('takes the key that the local API generated', () => {
    writeFileSync(path.join(dataDir, GENERATED_API_KEY_FILE), 'gwk_local\n');
    expect(readCliSettings({ GANGWAY_DATA_DIR: dataDir })).toEqual({
      url: 'http://127.0.0.1:3000',
      token: 'gwk_local',
    });
  });

  it('never sends that key to another machine', () => {
    writeFileSync(path.join(dataDir, GENERATED_API_KEY_FILE), 'gwk_local\n');
    const settings = readCliSettings({ GANGWAY_DATA_DIR: dataDir, GANGWAY_URL: 'https://gangway.acme.example' });
    expect(settings.token).toBeUndefined();
  });

  it('prefers what is set', () => {
    const environment = { GANGWAY_DATA_DIR: dataDir, GANGWAY_URL: 'http://localhost:4000', GANGWAY_TOKEN: 'gwk_mine' };
    expect(readCliSettings(environment)).toEqual({ url: 'http://localhost:4000', token: 'gwk_mine' });
  });

  it('names the variable of an address that is none', () => {
    expect(() => readCliSettings({ GANGWAY_URL: 'localhost:3000' })).toThrow('GANGWAY_URL: must be an address');
  });
});
