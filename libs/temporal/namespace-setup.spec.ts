import { describe, expect, it, vi } from 'vitest';
import { ConfigError } from '#libs/config/faults.js';
import { SEARCH_ATTRIBUTES } from '#libs/contracts/index.js';
import { EngineUnavailable } from './client.js';
import { installationName, type NamespaceReader } from './installation.js';
import { ensureSearchAttributes, type AttributeKeeper } from './search-attributes.js';
import { keepQueueLimits, type QueueKeeper } from './task-queues.js';

const KEYWORD = 2;
const TEXT = 1;

/** A gRPC error as the client throws it. */
function grpcError(code: number): Error {
  return Object.assign(new Error(`code ${code}`), { code, details: '', metadata: {} });
}

/** As a server answers that does not know an attribute yet. */
function unmapped(): Error {
  return Object.assign(grpcError(3), { details: 'invalid search attribute: Job' });
}

describe('ensureSearchAttributes', () => {
  /** A server that, like Temporal, answers "ok" for a name that exists with another type. */
  function server(
    initial: Record<string, number>,
    refuse?: number,
    answer: () => Promise<unknown> = () => Promise.resolve({ count: 0 }),
  ): { connection: AttributeKeeper; known: typeof initial } {
    const known = { ...initial };
    const operatorService = {
      listSearchAttributes: () => Promise.resolve({ customAttributes: { ...known } }),
      addSearchAttributes: ({ searchAttributes }: { searchAttributes: Record<string, number> }) => {
        if (refuse !== undefined) return Promise.reject(grpcError(refuse));
        for (const [name, type] of Object.entries(searchAttributes)) known[name] ??= type;
        return Promise.resolve({});
      },
    };
    const workflowService = { countWorkflowExecutions: () => answer() };
    return { connection: { operatorService, workflowService } as unknown as AttributeKeeper, known };
  }
  const all = Object.fromEntries(SEARCH_ATTRIBUTES.map((name) => [name, KEYWORD]));

  it('adds what is missing, with type Keyword, and leaves the rest', async () => {
    const { connection, known } = server({ Tenant: KEYWORD, Other: TEXT });
    await ensureSearchAttributes(connection, 'default');
    expect(known).toEqual({ ...all, Other: TEXT });
  });

  it('waits for a namespace that was made a moment ago, and tells one that is not there at once', async () => {
    const { connection } = server(all);
    let asked = 0;
    const describeNamespace = vi.fn(() => Promise.resolve({}));
    Object.assign(connection.workflowService, { describeNamespace });
    const { listSearchAttributes } = connection.operatorService;
    connection.operatorService.listSearchAttributes = ((request: { namespace: string }) => {
      asked += 1;
      return asked < 3 ? Promise.reject(grpcError(5)) : listSearchAttributes(request);
    }) as typeof listSearchAttributes;
    await ensureSearchAttributes(connection, 'default', { pauseMs: 1 });
    expect([asked, describeNamespace.mock.calls.length]).toEqual([3, 2]);
    asked = 0;
    describeNamespace.mockRejectedValue(grpcError(5));
    await expect(ensureSearchAttributes(connection, 'default')).rejects.toThrow('TEMPORAL_NAMESPACE');
    expect(asked).toBe(1);
  });

  it('adds nothing where all are there', async () => {
    const { connection, known } = server(all, 7);
    await ensureSearchAttributes(connection, 'default');
    expect(known).toEqual(all);
  });

  it('tells every attribute of a wrong type', async () => {
    const { connection } = server({ ...all, Step: TEXT, Drift: 3 });
    await expect(ensureSearchAttributes(connection, 'default')).rejects.toThrow(ConfigError);
    await expect(ensureSearchAttributes(connection, 'default')).rejects.toThrow(
      /search attribute Step: has type Text.*\nsearch attribute Drift: has type Int/,
    );
  });

  it('names the attributes where they may not be added', async () => {
    const { Drift: _, ...others } = all;
    await expect(ensureSearchAttributes(server(others, 7).connection, 'default')).rejects.toThrow(
      'search attribute Drift: is missing and may not be added',
    );
  });

  it('waits until queries by them are answered three times in a row: each frontend learns of them for itself', async () => {
    const answers = [false, true, true, false, true, true, true];
    const asked: boolean[] = [];
    const { connection } = server({}, undefined, () => {
      const answered = answers[asked.length] ?? false;
      asked.push(answered);
      return answered ? Promise.resolve({ count: 0 }) : Promise.reject(unmapped());
    });
    await ensureSearchAttributes(connection, 'default', { pauseMs: 1 });
    expect(asked).toEqual(answers);
  });

  it('waits too while the server takes no more lists', async () => {
    let asked = 0;
    const { connection } = server(all, undefined, () => {
      asked += 1;
      return asked > 2 ? Promise.resolve({ count: 0 }) : Promise.reject(grpcError(8));
    });
    await ensureSearchAttributes(connection, 'default', { pauseMs: 1 });
    expect(asked).toBe(5);
  });

  it('says that Temporal is not ready when no query is answered in time', async () => {
    const { connection } = server({}, undefined, () => Promise.reject(unmapped()));
    const pending = ensureSearchAttributes(connection, 'default', { pauseMs: 1, answerWithinMs: 20 });
    await expect(pending).rejects.toThrow(EngineUnavailable);
  });

  it('passes other faults on', async () => {
    await expect(
      ensureSearchAttributes(server(all, undefined, () => Promise.reject(grpcError(13))).connection, 'default'),
    ).rejects.toThrow('code 13');
    await expect(ensureSearchAttributes(server({}, 14).connection, 'default')).rejects.toThrow('code 14');
  });
});

describe('installationName', () => {
  const reader = (answer: () => Promise<unknown>): NamespaceReader =>
    ({ workflowService: { describeNamespace: answer } }) as unknown as NamespaceReader;

  it('is the end of the namespace id, unless one is configured', async () => {
    const connection = reader(() => Promise.resolve({ namespaceInfo: { id: '01939d4e-7a7b-7000-8000-ABCD185d1d72' } }));
    expect(await installationName(connection, 'default')).toBe('185d1d72');
    expect(await installationName(connection, 'default', 'prod')).toBe('prod');
  });

  it('tells a namespace that is not there, and an id that cannot be read', async () => {
    await expect(
      installationName(
        reader(() => Promise.reject(grpcError(5))),
        'x',
      ),
    ).rejects.toThrow('TEMPORAL_NAMESPACE');
    await expect(
      installationName(
        reader(() => Promise.resolve({})),
        'x',
      ),
    ).rejects.toThrow('GANGWAY_INSTALLATION');
  });
});

describe('keepQueueLimits', () => {
  const connections = [
    { vendor: 'egain' as const, name: 'a', limits: { requestsPerSecond: 0.1 } },
    { vendor: 'sinch' as const, name: 'b', limits: { requestsPerSecond: 20 } },
    { vendor: 'sinch' as const, name: 'c', limits: { requestsPerSecond: 5 } },
  ];

  function server(rates: Record<string, number>): { connection: QueueKeeper; rates: typeof rates } {
    const workflowService = {
      describeTaskQueue: ({ taskQueue: { name } }: { taskQueue: { name: string } }) =>
        name === 'sinch/b' && rates[name] === -1
          ? Promise.reject(grpcError(14))
          : Promise.resolve({
              config:
                rates[name] === undefined
                  ? null
                  : { queueRateLimit: { rateLimit: { requestsPerSecond: rates[name] } } },
            }),
      updateTaskQueueConfig: (request: {
        taskQueue: string;
        updateQueueRateLimit: { rateLimit: { requestsPerSecond: number } };
      }) => {
        rates[request.taskQueue] = request.updateQueueRateLimit.rateLimit.requestsPerSecond;
        return Promise.resolve({});
      },
    };
    return { connection: { workflowService } as unknown as QueueKeeper, rates };
  }

  it('writes the rate only where the server keeps another', async () => {
    const { connection, rates } = server({ 'egain/a': Math.fround(0.1), 'sinch/b': 7 });
    const faults: string[] = [];
    const options = { signal: new AbortController().signal, onFault: (queue: string) => void faults.push(queue) };
    expect(await keepQueueLimits(connection, 'default', connections, options)).toEqual(['sinch/b', 'sinch/c']);
    expect(rates).toEqual({ 'egain/a': Math.fround(0.1), 'sinch/b': 20, 'sinch/c': 5 });
    expect(faults).toEqual([]);
  });

  it('goes on after a queue that cannot be set', async () => {
    const { connection } = server({ 'sinch/b': -1 });
    const faults: string[] = [];
    const options = { signal: new AbortController().signal, onFault: (queue: string) => void faults.push(queue) };
    expect(await keepQueueLimits(connection, 'default', connections, options)).toEqual(['egain/a', 'sinch/c']);
    expect(faults).toEqual(['sinch/b']);
  });

  it('ends when it is told to', async () => {
    const { connection } = server({});
    const options = { signal: AbortSignal.abort(), onFault: () => undefined };
    expect(await keepQueueLimits(connection, 'default', connections, options)).toEqual([]);
  });
});
