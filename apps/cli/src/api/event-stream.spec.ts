import { afterEach, describe, expect, it } from 'vitest';

import { answerJson, eventText, fakeApi, type FakeApi, type FakeHandler } from '../testing/fake-api.fixture.js';
import { createApiClient } from './client.js';
import { runEvents, type EventStreamOptions, type RunEvent } from './event-stream.js';

let api: FakeApi | undefined;
afterEach(async () => {
  await api?.close();
});

async function collect(handler: FakeHandler, options: Partial<EventStreamOptions> = {}): Promise<RunEvent[]> {
  api = await fakeApi(handler);
  const client = createApiClient({ url: api.url, token: 'gwk_test' });
  const events: RunEvent[] = [];
  const signal = AbortSignal.timeout(20_000);
  for await (const event of runEvents(client, 'acme.support', 'run-1', { signal, ...options })) events.push(event);
  return events;
}

const sse = { 'content-type': 'text/event-stream' };

describe('runEvents', () => {
  it('goes on behind the last event after a lost connection, without gap or double', async () => {
    const all = [1, 2, 3, 4].map((seq) => eventText(seq === 4 ? 'closed' : 'step', { seq }, `run-1:${seq}`));
    const lost: string[] = [];
    let connections = 0;
    const events = await collect(
      (request, response) => {
        connections += 1;
        const last = Number(String(request.headers['last-event-id'] ?? 'run-1:0').split(':')[1]);
        response.writeHead(200, sse);
        // Two events per connection; the first connection also breaks in the middle of a third.
        response.write(all.slice(last, last + 2).join(''));
        if (connections === 1) response.write(all[2]?.slice(0, 10), () => response.destroy());
        else response.end();
      },
      { onLost: (reason) => lost.push(reason) },
    );
    expect(events.map((event) => event.id)).toEqual(['run-1:1', 'run-1:2', 'run-1:3', 'run-1:4']);
    expect(api?.requests.map((request) => request.headers['last-event-id'])).toEqual([undefined, 'run-1:2']);
    expect(api?.requests[0]).toMatchObject({ path: '/v1/onboardings/acme.support/events' });
    expect(api?.requests[0]?.query.get('runId')).toBe('run-1');
    expect(lost).toHaveLength(1);
  });

  it('keeps the last id when events without one come behind it', async () => {
    const events = await collect((request, response) => {
      response.writeHead(200, sse);
      if (request.headers['last-event-id'] === undefined) {
        response.end(eventText('step', { seq: 7 }, 'run-1:7') + eventText('step', { message: 'trying again' }));
      } else response.end(eventText('closed', {}, 'run-1:8'));
    });
    expect(events.map((event) => event.id)).toEqual(['run-1:7', undefined, 'run-1:8']);
    expect(api?.requests[1]?.headers['last-event-id']).toBe('run-1:7');
  });

  it('comes back after the API was unavailable', async () => {
    let calls = 0;
    const events = await collect((_request, response) => {
      calls += 1;
      if (calls === 1) answerJson(response, 503, { title: 'Temporal is not reachable' }, 'application/problem+json');
      else response.writeHead(200, sse).end(eventText('closed', { seq: 1 }, 'run-1:1'));
    });
    expect(events).toHaveLength(1);
  });

  it('opens a connection again that fell silent', async () => {
    let calls = 0;
    const events = await collect(
      (_request, response) => {
        calls += 1;
        response.writeHead(200, sse);
        if (calls === 1) response.flushHeaders();
        else response.end(eventText('closed', { seq: 1 }, 'run-1:1'));
      },
      { silenceLimitMs: 100 },
    );
    expect(events).toHaveLength(1);
    expect(calls).toBe(2);
  });

  it('fails at once when the API refuses the stream', async () => {
    const refused = collect((_request, response) =>
      answerJson(response, 404, { title: 'No such job' }, 'application/problem+json'),
    );
    await expect(refused).rejects.toMatchObject({ name: 'ApiProblem', status: 404 });
    expect(api?.requests).toHaveLength(1);
  });

  it('fails when the API stays away', async () => {
    const gone = collect((_request, response) => response.destroy(), { giveUpAfterMs: 300 });
    await expect(gone).rejects.toMatchObject({ name: 'ApiUnreachable' });
  });

  it('ends quietly when nobody watches any more', async () => {
    const watching = new AbortController();
    const events = await collect(
      (_request, response) => {
        response.writeHead(200, sse).write(eventText('started', { seq: 1 }, 'run-1:1'), () => watching.abort());
      },
      { signal: watching.signal },
    );
    expect(events.length).toBeLessThanOrEqual(1);
  });
});
