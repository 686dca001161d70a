import type { Sandbox } from '#apps/sandbox/src/server.js';
import type { FaultRuleInput } from '#apps/sandbox/src/faults/rules.js';
import type { JsonObject, OnboardingSpec } from '#libs/contracts/index.js';
import { connectorManifest, livepersonSpec, planOf } from '#test/factories/index.js';
import { PlanRunner } from '#test/support/plan-runner.js';
import { callsIn, storedAt, withSandbox, type Chain, type VendorCall } from './chain.js';

const ACCOUNT_ID = '12345678';
const CONNECTION = 'liveperson-main-handoff';
const KIND = 'liveperson.app';
/** The app that the person installs, and what LivePerson tells of it. */
const CREDENTIALS = { clientId: '00000000-0000-4000-8000-000000000009', clientSecret: 'the app that a person made' };
/** Sentinel makes its key with the first token. */
const RECORDING_TIMEOUT_MS = 20_000;

/**
 * The chain of one LivePerson app that a person installs, who does so at once and answers right: all that the engine calls is what
 * checks the answer.
 */
export async function recordLivepersonHandoffChain(): Promise<Chain> {
  const plan = planOf(specOf(), { facts: { liveperson: { mode: 'handoff', accountId: ACCOUNT_ID } } });
  const { calls, stored } = await withSandbox(
    { liveperson: true, timeoutMs: RECORDING_TIMEOUT_MS },
    async (sandbox, connections) => {
      const runner = new PlanRunner(
        plan,
        connections.filter(({ name }) => name === CONNECTION),
      );
      try {
        return await record(sandbox, runner);
      } finally {
        await runner.close();
      }
    },
  );
  return {
    plan,
    objects: [],
    calls,
    targets: calls.map((call) => ({
      ...call,
      direction: 'forward',
      standing: 'nothing',
      byPerson: true,
      marked: false,
    })),
    knobs: {},
    spec: (tenant) => specOf({ tenant }),
    prepare: () => undefined,
    provoke: (_sandbox, { resource }) => (resource === 'domain' ? [lostHost()] : []),
    hold: () => {
      throw new Error('a job that waits for a person goes back without a call');
    },
    ours: (held) => held.filter(({ kind }) => kind === KIND),
    expected: () => [{ kind: KIND, object: stored }],
    setByVendor: ['client_id_issued_at'],
    person: install,
  };
}

async function record(sandbox: Sandbox, runner: PlanRunner): Promise<{ calls: VendorCall[]; stored: JsonObject }> {
  const [node] = runner.plan.nodes;
  if (!node) throw new Error('the plan has no node');
  const result = await runner.check(node, install(sandbox));
  if (result.state !== 'accepted') throw new Error(`the answer was not right: ${result.message}`);
  return { calls: callsIn(sandbox), stored: storedAt(sandbox, node, CREDENTIALS.clientId) };
}

/** Installs the manifest, unless that is done. */
function install(sandbox: Sandbox): typeof CREDENTIALS {
  const { clientId, clientSecret } = CREDENTIALS;
  const standing = sandbox.state({ ledger: false }).objects['liveperson']?.['app'] ?? [];
  if (!standing.some((app) => app['id'] === clientId)) {
    const app: JsonObject = { ...connectorManifest(), id: clientId, client_id: clientId, client_secret: clientSecret };
    sandbox.insert('liveperson', 'app', [app], ACCOUNT_ID);
  }
  return CREDENTIALS;
}

function specOf(overrides: Partial<OnboardingSpec> = {}): OnboardingSpec {
  return livepersonSpec({ connections: { liveperson: CONNECTION }, ...overrides });
}

/** After a connection failure the client looks its hosts up again, which it knows for an hour otherwise. */
function lostHost(): FaultRuleInput {
  return {
    match: { vendor: 'liveperson', resource: 'token', operation: 'token' },
    times: 1,
    effect: { kind: 'refuse' },
  };
}
