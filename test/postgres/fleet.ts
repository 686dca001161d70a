import { accountId, type JsonObject, type OnboardingSpec, type Progress } from '#libs/contracts/index.js';
import { document, type Answer } from '#test/support/api.js';
import { ownedAtVendors, startEngine, type Engine } from '#test/support/engine.js';
import {
  startApiProcess,
  startWorkerProcess,
  type ApiProcess,
  type ProcessUnderTest,
} from '#test/support/processes.js';
import { until } from '#test/support/until.js';
import type { TestTemporal } from '../global-setup.js';
import { oneOfEach } from '../faults/crash/round.js';

/** Tests ask again and again until something is so. */
const RATE_LIMIT = '1000000/min';
const ENDED_WITHIN_MS = 180_000;

/** Two API processes, of which the next call goes to the other one, and workers. */
export interface Fleet {
  engine: Engine;
  apis: ApiProcess[];
  workers: ProcessUnderTest[];
  /** The replica that the next call goes to. */
  next(): ApiProcess;
  /** Starts a worker more, with a queue or vendor of `GANGWAY_TASK_QUEUES` or all. */
  startWorker(queues?: string): Promise<ProcessUnderTest>;
  /** A replica gone without a word is started again on its port. */
  restartApi(index: number): Promise<void>;
  /** A job's last word. */
  ended(id: string): Promise<Progress>;
  stop(): Promise<void>;
}

/** Starts everything at once, on a namespace that may be new. `queues` has a worker for each entry. */
export async function startFleet(temporal: TestTemporal, queues: readonly string[]): Promise<Fleet> {
  const engine = await startEngine(temporal, { worker: false, timeoutMs: 10_000, giveUpAfterMs: 120_000 });
  const change = { GANGWAY_RATE_LIMIT: RATE_LIMIT };
  const workers: ProcessUnderTest[] = [];
  const startWorker = async (served = 'all'): Promise<ProcessUnderTest> => {
    const worker = await startWorkerProcess(engine, { GANGWAY_TASK_QUEUES: served });
    workers.push(worker);
    return worker;
  };
  const [apis] = await Promise.all([
    Promise.all([startApiProcess(engine, change), startApiProcess(engine, change)]),
    ...queues.map(startWorker),
  ]);
  let turn = 0;
  const next = (): ApiProcess => {
    turn += 1;
    return replica(apis, turn % apis.length);
  };
  return {
    engine,
    apis,
    workers,
    next,
    startWorker,
    restartApi: async (index) => {
      apis[index] = await startApiProcess(engine, change, replica(apis, index).port);
    },
    ended: (id) =>
      until(
        async () => {
          const { status, body } = await next().call('GET', `/v1/onboardings/${id}`);
          return status === 200 && body['closedAt'] !== null ? (body as unknown as Progress) : undefined;
        },
        `${id} to end`,
        ENDED_WITHIN_MS,
      ),
    stop: async () => {
      await Promise.all([...apis, ...workers].map((each) => each.stop()));
      await engine.stop();
    },
  };
}

export function replica(apis: readonly ApiProcess[], index: number): ApiProcess {
  const api = apis[index];
  if (api === undefined) throw new Error(`there is no replica ${String(index)}`);
  return api;
}

/** A job of seven objects that shares none with another. */
export interface FleetJob {
  id: string;
  spec: OnboardingSpec;
  body: JsonObject;
}

/** The spec of a job whose tenant, channel and address carry its name. */
export function jobOf({ engine }: Fleet, name: string, change: Partial<OnboardingSpec> = {}): FleetJob {
  const base = oneOfEach(name);
  const channels = (base.egain?.channels ?? []).map((channel) => ({
    ...channel,
    type: `custom.${name}`,
    account: { ...channel.account, address: `address-of-${name}` },
  }));
  const egain = { ...base.egain, channels } as NonNullable<OnboardingSpec['egain']>;
  const spec: OnboardingSpec = { ...base, egain, ...change };
  return { id: accountId(spec), spec, body: document(engine, spec) };
}

/** What stands at the vendors of a job, as `vendor.kind`, each as often as it is there. */
export function standing({ engine }: Fleet, { id }: FleetJob): string[] {
  return ownedAtVendors(engine.sandbox, id).sort();
}

/** Sends a request that may find nobody; undefined: the connection broke. */
export async function attempt(request: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof TypeError) return undefined; // what `fetch` throws when nobody answers
    throw error;
  }
}
