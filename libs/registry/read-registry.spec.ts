import proto from '@temporalio/proto';
import { describe, expect, it } from 'vitest';
import type { RegistryAccess } from './access.js';
import { readRegistry, type RegistryAccount } from './read-registry.js';

const { WorkflowExecutionStatus: STATUS } = proto.temporal.api.enums.v1;
const STARTED_AT = '2026-03-01T12:00:00.000Z';

type Status = (typeof STATUS)[keyof typeof STATUS];

interface Run {
  workflowId: string;
  runId: string;
  status: Status;
  memo: object | 'sealed with another key';
}

/** Rows of a page: small, so that a fleet of a few accounts has several. */
const PAGE = 2;

/** Temporal's list of runs, the latest first; the page token is the run that was told last, as it is on a real server. */
class Runs {
  readonly runs: Run[] = [];
  private counter = 0;

  constructor(accounts: number) {
    for (let nth = 0; nth < accounts; nth++) this.begin(`account/acme.a${String(nth)}`);
  }

  begin(workflowId: string, memo: Run['memo'] = memoOf('live')): void {
    const runId = `run-${String((this.counter += 1))}`;
    this.runs.unshift({ workflowId, runId, status: STATUS.WORKFLOW_EXECUTION_STATUS_RUNNING, memo });
  }

  continueAsNew(workflowId: string): void {
    this.end(workflowId, STATUS.WORKFLOW_EXECUTION_STATUS_CONTINUED_AS_NEW);
    this.begin(workflowId);
  }

  end(workflowId: string, status: Status): void {
    const run = this.current(workflowId);
    if (run) run.status = status;
  }

  /** Reads the whole list; `between` is called after each page. */
  async read(between: (pages: number) => void = () => undefined): Promise<RegistryAccount[]> {
    let pages = 0;
    const service = {
      listWorkflowExecutions: ({ query, nextPageToken }: { query: string; nextPageToken?: Uint8Array }) => {
        if (pages > 0) between(pages);
        pages++;
        const last = nextPageToken ? Buffer.from(nextPageToken).toString() : undefined;
        const from = last === undefined ? 0 : this.runs.findIndex(({ runId }) => runId === last) + 1;
        const rest = this.runs.slice(from).filter(({ status }) => isAsked(query, status));
        const executions = rest.slice(0, PAGE);
        const token = rest.length > PAGE ? (executions.at(-1)?.runId ?? '') : '';
        return Promise.resolve({ executions: executions.map(rowOf), nextPageToken: Buffer.from(token) });
      },
      describeWorkflowExecution: ({ execution: { workflowId } }: { execution: { workflowId: string } }) => {
        const run = this.current(workflowId);
        return Promise.resolve({ workflowExecutionInfo: run && rowOf(run) });
      },
    };
    const decoder = {
      payload: (value: unknown) => Promise.resolve(value),
      fields: (fields: unknown) =>
        fields === 'sealed with another key' ? Promise.reject(new Error('no key opens it')) : Promise.resolve(fields),
    };
    const access = { service, decoder, namespace: 'default' } as unknown as RegistryAccess;
    const accounts: RegistryAccount[] = [];
    for await (const account of readRegistry(access, STARTED_AT)) accounts.push(account);
    return accounts;
  }

  private current(workflowId: string): Run | undefined {
    return this.runs.find((run) => run.workflowId === workflowId);
  }
}

function memoOf(state: string, names: readonly string[] = ['egain/main']): object {
  return { state, registry: { version: 1, cap: null, connections: names.map((name) => [name, '', '']) } };
}

function isAsked(query: string, status: Status): boolean {
  if (status === STATUS.WORKFLOW_EXECUTION_STATUS_RUNNING) return query.includes("'Running'");
  if (status === STATUS.WORKFLOW_EXECUTION_STATUS_CONTINUED_AS_NEW) return query.includes("'ContinuedAsNew'");
  return false;
}

function rowOf({ workflowId, runId, status, memo }: Run): object {
  const searchAttributes = { indexedFields: { Chain: 'egain' } };
  return { execution: { workflowId, runId }, status, searchAttributes, memo: { fields: memo } };
}

const ids = (accounts: readonly RegistryAccount[]): string[] => accounts.map(({ id }) => id).sort();

describe('the registry', () => {
  it('misses no account that continues as new, and so jumps before the cursor, while it is read', async () => {
    const runs = new Runs(7);
    const accounts = await runs.read((pages) => runs.continueAsNew(`account/acme.a${String(pages)}`));
    expect(ids(accounts)).toEqual(['a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6'].map((name) => `acme.${name}`));
    const jumped = accounts.find(({ id }) => id === 'acme.a1');
    expect(jumped?.runId, 'the run that is there now, not the one that was listed').toBe('run-8');
  });

  it('tells each account once, also when all of them continue as new before every page', async () => {
    const runs = new Runs(5);
    let pages = 0;
    const accounts = await runs.read(() => {
      if (pages++ < 4) for (let nth = 0; nth < 5; nth++) runs.continueAsNew(`account/acme.a${String(nth)}`);
    });
    expect(ids(accounts)).toEqual(['a0', 'a1', 'a2', 'a3', 'a4'].map((name) => `acme.${name}`));
  });

  it('tells no account that has ended behind the cursor', async () => {
    const runs = new Runs(5);
    const accounts = await runs.read((pages) => {
      if (pages > 1) return;
      runs.continueAsNew('account/acme.a1');
      runs.end('account/acme.a1', STATUS.WORKFLOW_EXECUTION_STATUS_COMPLETED);
    });
    expect(ids(accounts)).toEqual(['acme.a0', 'acme.a2', 'acme.a3', 'acme.a4']);
  });

  it('calls an account unreadable whose memo no key opens: it is there, and what it owns is unknown', async () => {
    const runs = new Runs(1);
    runs.begin('account/acme.sealed', 'sealed with another key');
    expect(await runs.read()).toMatchObject([
      { id: 'acme.sealed', status: 'unreadable', connections: null },
      { id: 'acme.a0', status: 'live', connections: [{ name: 'egain/main' }] },
    ]);
  });

  it.each([
    { reason: 'a lock of a sweep is no account', memo: { ...memoOf('offboarding'), sweep: true }, told: [] },
    { reason: 'nor is one that is onboarded for the first time', memo: { state: 'onboarding' }, told: [] },
    { reason: 'nor one that records nothing', memo: memoOf('live', []), told: [] },
    {
      reason: 'one that was interrupted counts though it records nothing: what it made stands',
      memo: memoOf('interrupted', []),
      told: ['interrupted'],
    },
    { reason: 'one that is taken off is busy', memo: memoOf('offboarding'), told: ['busy'] },
    { reason: 'one without a list in its memo is asked itself', memo: { state: 'live', registry: {} }, told: ['live'] },
  ])('$reason', async ({ memo, told }) => {
    const runs = new Runs(0);
    runs.begin('account/acme.one', memo);
    expect((await runs.read()).map(({ status }) => status)).toEqual(told);
  });
});
