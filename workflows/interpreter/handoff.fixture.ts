import type { ActivityOptions } from '@temporalio/workflow';
import type {
  CheckResult,
  EnsureResult,
  Handoff,
  HandoffAnswer,
  HandoffState,
  Plan,
  PlanNode,
} from '#libs/contracts/index.js';
import type { HandoffCommand, HandoffDesk } from './handoff-desk.js';

export const KEY = 'liveperson.app';

/** What activities were asked, in order. */
export const asked: { type: string; queue: string; input: unknown }[] = [];
/** What activities answer or throw, by their verb. */
export const answers = new Map<string, () => unknown>();

/** The people of a test file, and the time that they take. */
export const people = {
  /** The states that the record has gone through. */
  told: [] as Handoff[],
  timers: 0,
  /** Sets the clock: nobody answers, and time passes at once. Null: it passes as it does. */
  hurried: null as ((to: number) => unknown) | null,
};

/** Begins a case afresh: every answer of a person is right. */
export function reset(): void {
  asked.length = 0;
  answers.clear();
  Object.assign(people, { told: [], timers: 0, hurried: null });
  answers.set('check', () => accepted());
}

/** What the interpreter and the desk use of a workflow, without one. */
export const workflowMock = {
  CancellationScope: class {
    static current(): object {
      return { consideredCancelled: false };
    }
    run<T>(run: () => Promise<T>): Promise<T> {
      return run();
    }
    cancel(): void {
      // nothing runs beside what failed
    }
  },
  upsertMemo: ({ handoff }: { handoff: Handoff }): void => {
    people.told.push({ ...handoff });
  },
  condition: async (holds: () => boolean, ms = Infinity): Promise<boolean> => {
    if (ms !== Infinity) people.timers += 1;
    const end = Date.now() + ms;
    if (!holds()) people.hurried?.(end);
    while (!holds() && Date.now() < end) await new Promise((resolve) => setImmediate(resolve));
    return holds();
  },
  scheduleActivity: (type: string, [input]: [unknown], { taskQueue }: ActivityOptions): Promise<unknown> => {
    asked.push({ type, queue: taskQueue ?? '', input });
    const verb = type.split('.').at(-1) ?? '';
    const answer = answers.get(verb);
    if (!answer) throw new Error(`nobody expects ${type}`);
    return Promise.resolve().then(answer);
  },
};

/** Waits until the person is asked (again). */
export async function until(desk: HandoffDesk, kind: Handoff['kind'], times = 0): Promise<Handoff> {
  for (;;) {
    const { current } = desk;
    if (current?.state === 'open' && current.kind === kind && current.refusals === times) return current;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export const GIVEN = { values: { clientId: 'sealed-id', clientSecret: 'sealed-secret' } };

export function states(): HandoffState[] {
  return people.told.map(({ state }) => state).filter((state, i, all) => state !== all[i - 1]);
}

export function fetched(desk: HandoffDesk): void {
  desk.take(command('handoff-fetched', { handoff: desk.current?.id ?? 0 }));
}

export function command(verb: HandoffCommand['verb'], answer: HandoffAnswer): HandoffCommand {
  return { id: 'c', verb, runId: 'r', by: 'ops', reason: 'as it is', at: new Date().toISOString(), answer };
}

export function accepted(): CheckResult {
  const issued = { clientId: 'sealed', clientSecret: 'sealed' };
  return { state: 'accepted', externalId: 'app-1', issued, level: 'verified', message: 'it is right' };
}

export function made(change: Partial<EnsureResult>): EnsureResult {
  const stands = { externalId: 'app-1', ownership: 'created', outcome: 'created', outputs: { id: 'app-1' } } as const;
  return { ...stands, settle: false, inFlightUntil: null, message: '', ...change };
}

export function missing(): object {
  return { key: KEY, status: 'missing', externalId: null, before: [], action: 'create', reason: '' };
}

export function plan(mode: 'api' | 'handoff', times: { dueInMs?: number; remindEveryMs?: number } = {}): Plan {
  const all = { install: 'Install it.', update: 'Update it.', remove: 'Remove it.' };
  const node: PlanNode = {
    key: KEY,
    vendor: 'liveperson',
    resource: 'app',
    connection: `lp-${mode}`,
    title: 'LivePerson app',
    needs: [],
    person: { asks: mode === 'handoff' ? all : { secret: 'Look it up.' }, dueInMs: 60_000, ...times },
    place: 'liveperson/1',
    adopt: false,
    marker: '',
    body: {},
  };
  return {
    version: 1,
    tenant: 'acme',
    account: 'lp',
    chain: 'liveperson',
    installation: 'test',
    onFailure: 'rollback',
    notify: [],
    nodes: [node],
    spec: {},
    texts: [],
    planHash: '',
    specHash: '',
  };
}
