import { Readable } from 'node:stream';

import { createApiClient } from '../api/client.js';
import { runCli } from '../program.js';
import { fakeApi, type FakeHandler, type SeenRequest } from './fake-api.fixture.js';

/** What a command line did. */
export interface CliRun {
  code: number;
  out: string;
  err: string;
  /** What the API was asked. */
  requests: SeenRequest[];
}

export interface CliRunOptions {
  /** On standard input. */
  stdin?: string;
  /** The address that is called, made of that of the fake. Default: that itself. */
  addressOf?: (url: string) => string;
  /** Aborted when the person interrupts. */
  signal?: AbortSignal;
}

const nobody: FakeHandler = (_request, response) => response.destroy();

/** Runs a command line against an API that answers by `handler`; without one nothing is answered. */
export async function runWith(
  args: readonly string[],
  handler: FakeHandler = nobody,
  { stdin = '', addressOf = (url) => url, signal = new AbortController().signal }: CliRunOptions = {},
): Promise<CliRun> {
  const api = await fakeApi(handler);
  const texts = { out: '', err: '' };
  try {
    const code = await runCli(args, {
      out: { write: (text) => (texts.out += text) },
      err: { write: (text) => (texts.err += text) },
      stdin: Readable.from([stdin]),
      client: () => createApiClient({ url: addressOf(api.url), token: 'gwk_test', signal }),
      signal,
    });
    return { code, ...texts, requests: api.requests };
  } finally {
    await api.close();
  }
}
