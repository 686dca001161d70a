import { describe, expect, it } from 'vitest';

import { answerJson, fakeApi } from './testing/fake-api.fixture.js';
import { runWith as run } from './testing/run-cli.fixture.js';

const spec = 'tenant: acme\naccount: support\nchain: egain\n';

describe('faults', () => {
  it('shows every finding of a refusal', async () => {
    const problem = {
      type: 'https://gangway.dev/problems/invalid-spec',
      title: 'The spec is not valid',
      errors: [
        { pointer: '/egain', message: 'is required' },
        { pointer: '/connections/egain', message: 'names no connection' },
      ],
    };
    const { code, err } = await run(
      ['plan', '-f', '-'],
      (_request, response) => answerJson(response, 400, problem, 'application/problem+json'),
      { stdin: spec },
    );
    expect(code).toBe(1);
    expect(err).toContain('/egain: is required');
    expect(err).toContain('/connections/egain: names no connection');
  });

  it('tells how to reach an API that is not there', async () => {
    const gone = await fakeApi(() => undefined);
    await gone.close();
    const { code, err } = await run(['list'], undefined, { addressOf: () => gone.url });
    expect(code).toBe(1);
    expect(err).toContain(`cannot reach the Gangway API at ${gone.url}: connection refused`);
    expect(err).toContain('GANGWAY_URL');
  });

  it('takes the address with its version, as it is printed', async () => {
    const { code, out, requests } = await run(
      ['list'],
      (_request, response) => answerJson(response, 200, { items: [], nextCursor: null }),
      { addressOf: (url) => `${url}/v1/` },
    );
    expect([code, out, requests[0]?.path]).toEqual([0, 'no onboardings\n', '/v1/onboardings']);
  });

  it('names the line of a finding, and what YAML makes of text without quotes', async () => {
    const problem = {
      type: 'https://gangway.dev/problems/invalid-spec',
      title: 'The spec is not valid',
      errors: [
        { pointer: '/egain/address', message: 'must be a text' },
        { pointer: '/egain/other', message: 'is required' },
      ],
    };
    const { err } = await run(
      ['plan', '-f', '-'],
      (_request, response) => answerJson(response, 400, problem, 'application/problem+json'),
      { stdin: 'tenant: acme\negain:\n  address: +15550100\n' },
    );
    expect(err).toContain(
      '/egain/address (line 3): must be a text; +15550100 is read as a number: put it in quotes, "+15550100"',
    );
    expect(err).toContain('/egain/other: is required');
  });

  it('tells that something else answers at the address', async () => {
    const { code, err } = await run(['list'], (_request, response) => response.end('<html>hello</html>'));
    expect(code).toBe(1);
    expect(err).toContain('not the Gangway API');
  });

  it('tells what to do about a wrong token', async () => {
    const problem = { type: 'https://gangway.dev/problems/unauthorized', title: 'Unauthorized' };
    const { code, err } = await run(['list'], (_request, response) =>
      answerJson(response, 401, problem, 'application/problem+json'),
    );
    expect(code).toBe(1);
    expect(err).toContain('Set GANGWAY_TOKEN');
  });

  it('is quiet about a call that the person has interrupted', async () => {
    const interrupted = new AbortController();
    const answer = await run(['list'], () => interrupted.abort(), { signal: interrupted.signal });
    expect(answer).toMatchObject({ code: 1, out: '', err: '' });
  });
});
