import type { FaultRuleInput } from '#apps/sandbox/src/faults/rules.js';
import type { Sandbox } from '#apps/sandbox/src/server.js';
import type { Connection } from '#libs/config/connections.js';
import type { JsonObject, OnboardingSpec, Plan, PlanNode } from '#libs/contracts/index.js';
import { connectorManifest, livepersonSpec, planOf } from '#test/factories/index.js';
import { PlanRunner } from '#test/support/plan-runner.js';
import {
  callsIn,
  nameOf,
  storedAt,
  withSandbox,
  type Chain,
  type ChainObject,
  type Standing,
  type Target,
  type VendorCall,
} from './chain.js';

/** Logs in, so that there is a token to be had, to run out and to be refused. */
const CONNECTION = 'liveperson-login';
const OTHER_ACCOUNT = '87654321';
const KIND = 'liveperson.app';
/** What the person's app has otherwise than our manifest, which sets no `redirect_uris`: those stay, as does the header's secret. */
const PERSONS_DESCRIPTION = "a person's";
const PERSONS_SECRET = "a person's secret";
const PERSONS_REDIRECTS = ['https://person.example/back'];
/** Sentinel makes its key with the first token. */
const RECORDING_TIMEOUT_MS = 20_000;

interface Recorded {
  plan: Plan;
  app: ChainObject;
  calls: Record<'making' | 'removing' | 'adopting' | 'restoring', VendorCall[]>;
}

/**
 * The chain of one LivePerson app, in mode api. The vendor takes a second app of a name, so that nothing but the engine prevents one.
 * The app carries no marker: the account's are those that did not stand before.
 */
export async function recordLivepersonChain(): Promise<Chain> {
  const { plan, app, calls } = await withSandbox({ liveperson: true, timeoutMs: RECORDING_TIMEOUT_MS }, record);
  const persons = personsApp(app.stored);
  return {
    plan,
    objects: [app],
    calls: Object.values(calls).flat(),
    targets: targetsOf(calls),
    knobs: { liveperson: { duplicateName: 'accepted' } },
    spec: (tenant, { direction, standing }) =>
      specOf({ tenant, onFailure: direction === 'back' ? 'hold' : 'rollback', adopt: standing === 'adopted' }),
    prepare: (sandbox, standing) => {
      putOthers(sandbox, app.stored);
      if (standing === 'adopted') sandbox.insert('liveperson', 'app', [persons]);
    },
    provoke: (sandbox, { resource }) => {
      if (resource === 'login') sandbox.revokeTokens();
      return resource === 'domain' ? [lostHost()] : [];
    },
    hold: () => ({ rule: refusedCredentials(), done: 1 }),
    ours: (held, _account, before) => {
      const stood = new Set(before.map(({ object }) => object['id']));
      return held.filter(({ kind, object }) => kind === KIND && !stood.has(object['id']));
    },
    expected: (standing) => (standing === 'adopted' ? [] : [{ kind: KIND, object: app.stored }]),
    setByVendor: ['id', 'client_id', 'client_secret', 'client_id_issued_at'],
    takenOver: ({ kind, object }, standing) => {
      if (standing !== 'adopted' || object['id'] !== persons['id']) return undefined;
      return { kind, object: { ...object, description: connectorManifest()['description'] ?? null } };
    },
  };
}

async function record(sandbox: Sandbox, connections: Connection[]): Promise<Recorded> {
  const used = connections.filter(({ name }) => name === CONNECTION);
  const installing = new PlanRunner(planOf(specOf()), used);
  const adopting = new PlanRunner(planOf(specOf({ adopt: true })), used);
  try {
    const made = await there(sandbox, installing);
    const stored = storedAt(sandbox, made.node, made.id);
    const removing = await back(sandbox, installing, made);
    sandbox.insert('liveperson', 'app', [personsApp(stored)]);
    const adopted = await there(sandbox, adopting);
    const restoring = await back(sandbox, adopting, adopted);
    const resource = installing.resource(made.node);
    const name = resource.key(made.node.body);
    const isCreate = (body: JsonObject): boolean => body['client_name'] === name;
    return {
      plan: installing.plan,
      app: { node: made.node, id: made.id, stored, resource, isCreate },
      calls: { making: made.calls, removing, adopting: adopted.calls, restoring },
    };
  } finally {
    await installing.close();
    await adopting.close();
  }
}

/** One way of a job that ended well. */
interface Way {
  node: PlanNode;
  id: string;
  undo: () => Promise<unknown>;
  calls: VendorCall[];
}

async function there(sandbox: Sandbox, runner: PlanRunner): Promise<Way> {
  const { seq } = sandbox.state({ objects: false, ledger: false });
  const [node] = runner.plan.nodes;
  if (!node) throw new Error('the plan has no node');
  await runner.look();
  const result = await runner.ensure(node);
  return { node, id: result.externalId, undo: () => runner.remove(node, result), calls: callsIn(sandbox, seq) };
}

/** Undo by a client that has lost its session and its hosts. */
async function back(sandbox: Sandbox, runner: PlanRunner, { undo }: Way): Promise<VendorCall[]> {
  const { seq } = sandbox.state({ objects: false, ledger: false });
  sandbox.revokeTokens();
  sandbox.setFaults([lostHost()]);
  // Where it is met by a list, the reading makes its call again; else the attempt fails, and the next one undoes.
  await undo().catch(() => undefined);
  await undo();
  return callsIn(sandbox, seq);
}

function targetsOf({ making, adopting, removing, restoring }: Recorded['calls']): Target[] {
  const target =
    (direction: Target['direction'], standing: Standing) =>
    (call: VendorCall): Target => ({ ...call, direction, standing, marked: false });
  const onApp = (...operations: string[]) => {
    const names = operations.map((operation) => `liveperson app ${operation}`);
    return (call: VendorCall): boolean => names.includes(nameOf(call));
  };
  const verifies = (call: VendorCall): boolean => nameOf(call) === 'liveperson token token';
  const changes = onApp('get', 'update');
  return [
    ...making.map(target('forward', 'nothing')),
    ...adopting.filter((call) => changes(call) || verifies(call)).map(target('forward', 'adopted')),
    ...removing.map(target('back', 'nothing')),
    ...restoring.filter(changes).map(target('back', 'adopted')),
  ];
}

function specOf(overrides: Partial<OnboardingSpec> = {}): OnboardingSpec {
  return livepersonSpec({ connections: { liveperson: CONNECTION }, ...overrides });
}

/** A neighbour's app, equal but for its name; one of our name in another LivePerson account; and one that was deleted before. */
function putOthers(sandbox: Sandbox, stored: JsonObject): void {
  sandbox.insert('liveperson', 'app', [
    { ...withId(stored, '1'), client_name: 'com.neighbour.support' },
    { ...withId(stored, '2'), deleted: true },
  ]);
  sandbox.insert('liveperson', 'app', [withId(stored, '3')], OTHER_ACCOUNT);
}

/** An app of our name that a person installed: a job may take it over, and must put it back when it fails. */
function personsApp(stored: JsonObject): JsonObject {
  const text = JSON.stringify(withId(stored, '4')).replaceAll('header-secret', PERSONS_SECRET);
  return {
    ...(JSON.parse(text) as JsonObject),
    description: PERSONS_DESCRIPTION,
    redirect_uris: PERSONS_REDIRECTS,
  };
}

function withId(stored: JsonObject, last: string): JsonObject {
  const id = `00000000-0000-4000-8000-00000000000${last}`;
  return { ...stored, id, client_id: id };
}

/** After a connection failure the client looks its hosts up again, which it knows for an hour otherwise. */
function lostHost(): FaultRuleInput {
  return {
    match: { vendor: 'liveperson', resource: 'app', operation: 'list' },
    times: 1,
    effect: { kind: 'refuse' },
  };
}

/** The app stands, and does not come to be verified: the step fails when the time for that is over. */
function refusedCredentials(): FaultRuleInput {
  return {
    match: { vendor: 'liveperson', resource: 'token', operation: 'token' },
    effect: { kind: 'status', status: 401 },
  };
}
