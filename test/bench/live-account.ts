import { readFileSync } from 'node:fs';
import path from 'node:path';
import { accountWorkflowId, type OnboardingSpec } from '#libs/contracts/index.js';
import { specDocument } from '#libs/schemas/parse-spec.js';
import type { Job, NextOperation } from '#test/support/engine.js';
import { nextSpec, runJob } from './jobs.js';
import { timed } from './measure.js';
import type { BenchSystem } from './system.js';

/** What an operation cost. */
export interface Cost {
  /** From its request to the account's going on, or its end. */
  ms: number;
  /** Calls to vendors that changed something, as `update account`. */
  writes: string[];
  /** Vendor calls in all, logins left out. */
  calls: number;
  /** Events of the operation and of the account's run that held it. */
  events: number;
}

/** An account that stands, and what is done with it. */
export class LiveAccount {
  private constructor(
    private readonly system: BenchSystem,
    readonly spec: OnboardingSpec,
    private readonly job: Job,
    /** Of its onboarding, in milliseconds. */
    readonly onboardedMs: number,
  ) {}

  static async onboard(system: BenchSystem): Promise<LiveAccount> {
    const spec = nextSpec();
    const { job, ms } = await runJob(system, spec);
    return new LiveAccount(system, spec, job, ms);
  }

  amend(change: (spec: OnboardingSpec) => void): Promise<Cost> {
    const spec = structuredClone(this.spec);
    change(spec);
    return this.perform({ kind: 'amend', plan: this.system.plan(spec) });
  }

  /** Performs an operation. @throws when it did not succeed: its figures mean nothing */
  async perform(operation: NextOperation): Promise<Cost> {
    const { client, vendors } = this.system;
    const { seq } = await vendors.calls();
    const id = accountWorkflowId(this.spec);
    const { runId } = await client.workflow.getHandle(id).describe();
    const held = client.workflow.getHandle(id, runId, { followRuns: false });
    const { ms, answer } = await timed(async () => {
      const next = await this.job.next(operation);
      await held.result().catch(() => undefined); // continued as new: the account lives; what it came to is asked below
      return next;
    });
    const status = await answer.status();
    if (status !== 'succeeded') throw new Error(`${answer.id}: ${operation.kind} is ${status}`);
    const { ledger } = await vendors.calls(seq);
    const [account, operationRun] = await Promise.all([held.describe(), answer.operation().describe()]);
    return {
      ms,
      writes: ledger.flatMap(({ applied, operation: verb, resource }) =>
        applied && ['create', 'update', 'delete'].includes(verb) ? [`${verb} ${resource}`] : [],
      ),
      calls: ledger.filter(({ operation: verb }) => verb !== 'token').length,
      events: account.historyLength + operationRun.historyLength,
    };
  }

  /** PUT of the spec by which it stands. @throws when that is not answered as nothing to do */
  async putSame(): Promise<Pick<Cost, 'ms' | 'calls'>> {
    const { system, spec } = this;
    const key = readFileSync(path.join(system.settings.dataDir, 'api-key'), 'utf8').trim();
    const { seq } = await system.vendors.calls();
    const body = JSON.stringify(specDocument(spec));
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const { ms, answer } = await timed(async () => {
      const url = `${system.apiUrl}/v1/accounts/${spec.tenant}.${spec.account}`;
      const response = await fetch(url, { method: 'PUT', headers, body });
      return { status: response.status, text: await response.text() };
    });
    if (answer.status !== 200) throw new Error(`the same spec is answered by ${answer.status}: ${answer.text}`);
    return { ms, calls: (await system.vendors.calls(seq)).ledger.length };
  }
}
