import { describe, expect, it } from 'vitest';
import { pollersOf, type PollerService } from './pollers.js';

const NOW = Date.UTC(2026, 0, 1, 12);

interface Poller {
  identity: string;
  secondsAgo: number;
}

function service(queues: Record<string, Poller[]>, asked: string[] = []): PollerService {
  const describeTaskQueue = (request: {
    taskQueue?: { name?: string | null } | null;
    taskQueueType?: unknown;
  }): unknown => {
    const name = request.taskQueue?.name ?? '';
    asked.push(`${name} ${String(request.taskQueueType)}`);
    const found = queues[name];
    if (!found) return Promise.reject(new Error('away'));
    const pollers = found.map(({ identity, secondsAgo }) => ({
      identity,
      lastAccessTime: { seconds: NOW / 1_000 - secondsAgo },
    }));
    return Promise.resolve({ pollers });
  };
  return { describeTaskQueue } as unknown as PollerService;
}

describe('pollersOf', () => {
  it('counts processes and not their polls, and not those that are gone', async () => {
    const queues = {
      workflows: [
        { identity: 'a', secondsAgo: 1 },
        { identity: 'a', secondsAgo: 59 },
        { identity: 'b', secondsAgo: 60 },
        { identity: 'killed', secondsAgo: 200 },
      ],
      'egain/main': [],
    };
    const asked: string[] = [];
    const counts = await pollersOf(service(queues, asked), 'default', Object.keys(queues), NOW);
    expect(Object.fromEntries(counts)).toEqual({ workflows: 2, 'egain/main': 0 });
    expect(asked.sort(), 'workflows of the one, activities of the other').toEqual(['egain/main 2', 'workflows 1']);
  });

  it('asks about every queue, however many there are', async () => {
    const names = Array.from({ length: 50 }, (_, index) => `sinch/c${index}`);
    const queues = Object.fromEntries(names.map((name) => [name, [{ identity: 'a', secondsAgo: 0 }]]));
    expect((await pollersOf(service(queues), 'default', names, NOW)).size).toBe(50);
  });

  it('says nothing while Temporal is away: zero would be a wrong answer', async () => {
    await expect(pollersOf(service({}), 'default', ['workflows'], NOW)).rejects.toThrow('away');
  });
});
