import type { ServerResponse } from 'node:http';

import { afterEach, describe, expect, it } from 'vitest';

import type { Progress } from '#libs/contracts/progress.js';

import { createApiClient } from '../api/client.js';
import { answerJson, eventText, fakeApi, type FakeApi } from '../testing/fake-api.fixture.js';
import { progressOf } from '../testing/progress.fixture.js';
import { followRun } from './follow-run.js';

let api: FakeApi | undefined;
afterEach(async () => {
  await api?.close();
});

const closedAt = '2026-01-01T12:01:00.000Z';
const heldBefore = progressOf({ status: 'held', updatedAt: '2026-01-01T12:00:05.000Z' });

/** An API whose job is what `progress` answers, and whose event stream is written by `stream`. */
async function apiOf(progress: () => Progress, stream: (response: ServerResponse) => void): Promise<FakeApi> {
  api = await fakeApi((request, response) => {
    if (!request.path.endsWith('/events')) {
      answerJson(response, 200, progress());
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    stream(response);
  });
  return api;
}

describe('followRun', () => {
  it('reads progress again after each event until the run has ended, and stays with that run', async () => {
    let current = progressOf();
    const { url, requests } = await apiOf(
      () => current,
      (response) => {
        response.write(eventText('step', { seq: 5, message: 'one' }, 'run-1:5'), () => {
          current = progressOf({ status: 'succeeded', closedAt });
          response.end(eventText('closed', { seq: 9 }, 'run-1:9'));
        });
      },
    );
    const events: string[] = [];
    const client = createApiClient({ url, token: undefined });
    const last = await followRun(client, 'acme.support', { onEvent: ({ event }) => events.push(event) });
    expect(last.status).toBe('succeeded');
    expect(events).toEqual(['step', 'closed']);
    expect(requests.slice(1).map((request) => request.query.get('runId'))).toContain('run-1');
  });

  it('ends when a person has to act, though the run goes on', async () => {
    const { url } = await apiOf(
      () => heldBefore,
      (response) => response.flushHeaders(),
    );
    const last = await followRun(createApiClient({ url, token: undefined }), 'acme.support');
    expect(last.status).toBe('held');
  });

  it('does not take the state from before a command for its result, and leaves out what came before', async () => {
    let current = heldBefore;
    const { url } = await apiOf(
      () => current,
      (response) => {
        response.write(eventText('status', { at: '2026-01-01T12:00:04.000Z', message: 'held' }, 'run-1:8'));
        const told = { at: '2026-01-01T12:00:06.000Z', status: 'held', notifications: [], message: 'told' };
        response.write(eventText('status', told)); // of a notification: the job has not moved
        response.write(eventText('command', { at: '2026-01-01T12:00:06.000Z', message: 'retry' }, 'run-1:9'), () => {
          setTimeout(() => {
            current = progressOf({ status: 'rolled-back', closedAt });
            response.end(eventText('closed', { at: '2026-01-01T12:01:00.000Z' }, 'run-1:12'));
          }, 400);
        });
      },
    );
    const seen: string[] = [];
    const last = await followRun(createApiClient({ url, token: undefined }), 'acme.support', {
      before: heldBefore,
      onEvent: ({ event }) => seen.push(event),
    });
    expect(last.status).toBe('rolled-back');
    expect(seen).toEqual(['status', 'command', 'closed']);
  });

  it('ends with the unchanged state when the job ignored the command', async () => {
    const { url } = await apiOf(
      () => heldBefore,
      (response) => response.write(eventText('command', { at: '2026-01-01T12:00:06.000Z', ignored: true }, 'run-1:9')),
    );
    const client = createApiClient({ url, token: undefined });
    expect((await followRun(client, 'acme.support', { before: heldBefore })).status).toBe('held');
  });

  it('fails when the stream is refused', async () => {
    api = await fakeApi((request, response) =>
      request.path.endsWith('/events')
        ? answerJson(response, 403, { title: 'Not allowed' }, 'application/problem+json')
        : answerJson(response, 200, progressOf()),
    );
    const following = followRun(createApiClient({ url: api.url, token: undefined }), 'acme.support');
    await expect(following).rejects.toMatchObject({ status: 403 });
  });
});
