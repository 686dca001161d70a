import { describe, expect, it } from 'vitest';

import { projectFile } from '../parts/project.js';
import { cliSettings } from './cli-settings.js';

const standard = {
  ports: { api: 3000, temporal: 7233, temporalUi: 8233, sandbox: 7070 },
  dataDir: projectFile('.gangway'),
  apiHost: '127.0.0.1',
};

describe('cliSettings', () => {
  it.each([
    { reason: 'nothing where all is as by default', changes: {}, settings: [] },
    {
      reason: 'another port and data dir, quoted for a shell',
      changes: { ports: { ...standard.ports, api: 3001 }, dataDir: "/tmp/it's here" },
      settings: ['GANGWAY_PORT=3001', "GANGWAY_DATA_DIR='/tmp/it'\\''s here'"],
    },
    {
      reason: 'other ports that it does not call',
      changes: { ports: { ...standard.ports, sandbox: 1 } },
      settings: [],
    },
    { reason: 'all addresses are reached by loopback', changes: { apiHost: '0.0.0.0' }, settings: [] },
    { reason: 'another address', changes: { apiHost: '10.0.0.7' }, settings: ['GANGWAY_URL=http://10.0.0.7:3000'] },
  ])('names $reason', ({ changes, settings }) => {
    expect(cliSettings({ ...standard, ...changes })).toEqual(settings);
  });
});
