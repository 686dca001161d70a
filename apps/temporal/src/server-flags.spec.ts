import fs from 'node:fs';

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { serverArguments } from './server-flags.js';

const flags = {
  port: 7233,
  uiPort: 8233,
  databaseFile: '/data/temporal.db',
  namespace: 'default',
  codecEndpoint: undefined,
};

function valuesOf(args: string[], flag: string): (string | undefined)[] {
  return args.flatMap((arg, index) => (arg === flag ? [args[index + 1]] : []));
}

describe('serverArguments', () => {
  it('keeps the data, listens on loopback only and sets what the timing of the workflows rests on', () => {
    const args = serverArguments(flags);
    expect(args.slice(0, 2)).toEqual(['server', 'start-dev']);
    expect(valuesOf(args, '--ip')).toEqual(['127.0.0.1']);
    expect(valuesOf(args, '--db-filename')).toEqual(['/data/temporal.db']);
    expect(valuesOf(args, '--sqlite-pragma')).toEqual(['journal_mode=WAL', 'synchronous=NORMAL']);
    expect(valuesOf(args, '--dynamic-config-value')).toEqual([
      'history.transferProcessorMaxPollRPS=2000',
      'history.workflowIdReuseMinimalInterval="10ms"',
      'history.timerProcessorMaxTimeShift="10ms"',
      'matching.enableFairness=true',
      'frontend.namespaceRPS.visibility=100',
    ]);
    expect(args).toContain('--ui-disable-news-fetch');
    expect(args).not.toContain('--headless');
  });

  it('has every setting of the server of docker compose, alike', () => {
    const file = parse(fs.readFileSync('docker/temporal-dynamic-config.yaml', 'utf8')) as Record<
      string,
      { value: unknown }[]
    >;
    const compose = Object.entries(file).map(([name, [entry]]) => `${name}=${JSON.stringify(entry?.value)}`);
    expect(compose.length).toBeGreaterThan(0);
    expect(valuesOf(serverArguments(flags), '--dynamic-config-value')).toEqual(expect.arrayContaining(compose));
  });

  it('names the namespace and the codec only where there is something to name', () => {
    expect(valuesOf(serverArguments(flags), '--namespace')).toEqual([]);
    expect(valuesOf(serverArguments(flags), '--ui-codec-endpoint')).toEqual([]);
    const args = serverArguments({ ...flags, namespace: 'team', codecEndpoint: 'http://127.0.0.1:3000/v1/codec' });
    expect(valuesOf(args, '--namespace')).toEqual(['team']);
    expect(valuesOf(args, '--ui-codec-endpoint')).toEqual(['http://127.0.0.1:3000/v1/codec']);
  });
});
