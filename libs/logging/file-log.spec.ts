import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigError } from '#libs/config/faults.js';
import { WatchedFile } from '#libs/config/watched-file.js';
import { createLogger, logFileChanges } from './index.js';

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gangway-log-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

describe('logFileChanges', () => {
  it('tells of each change at info and of each fault at error, with all that is wrong and no value', () => {
    const lines: Record<string, unknown>[] = [];
    const destination = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        lines.push(JSON.parse(chunk.toString()) as Record<string, unknown>);
        done();
      },
    });
    const file = path.join(folder, 'keys.json');
    fs.writeFileSync(file, 'right');
    const watched = new WatchedFile(file, (from) => {
      if (fs.readFileSync(from, 'utf8') === 'wrong!') {
        throw new ConfigError([{ name: 'GANGWAY_API_KEYS', message: 'keys.json: keys is missing' }]);
      }
    });
    const logger = createLogger({ level: 'info', service: 'api', pretty: false, destination });
    logFileChanges(watched, logger, { counts: 'its keys count from now on' });
    for (const text of ['wrong!', 'right again']) {
      fs.writeFileSync(file, text);
      watched.current();
    }
    expect(lines).toMatchObject([
      { level: 'error', file, faults: ['GANGWAY_API_KEYS: keys.json: keys is missing'] },
      { level: 'info', file, msg: 'the settings file was read again: its keys count from now on' },
    ]);
  });
});
