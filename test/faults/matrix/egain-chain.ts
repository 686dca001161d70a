import type { FaultRuleInput } from '#apps/sandbox/src/faults/rules.js';
import type { Sandbox } from '#apps/sandbox/src/server.js';
import {
  formatMarker,
  type EnsureResult,
  type JsonObject,
  type OnboardingSpec,
  type Plan,
  type PlanNode,
} from '#libs/contracts/index.js';
import { dependants } from '#libs/planning/index.js';
import { chain12Spec, planOf } from '#test/factories/index.js';
import { PlanRunner } from '#test/support/plan-runner.js';
import { createOf } from '../blind-creates.js';
import {
  callsIn,
  idOf,
  nameOf,
  storedAt,
  withSandbox,
  type Chain,
  type ChainObject,
  type Standing,
  type Target,
  type VendorCall,
} from './chain.js';
import { SET_BY_WRITES, takenOver } from './egain-adopted.js';
import {
  changesOf,
  inPlaceOf,
  markedOf,
  prepare,
  putPersons,
  RECORDED_INSTALLATION,
  RECORDED_TENANT,
  spareIdOf,
  spareOf,
  type EgainObject,
} from './egain-objects.js';

/** A full chain, made once: its objects, and the calls that making, changing and removing it takes. */
interface Recorded {
  plan: Plan;
  objects: EgainObject[];
  calls: Record<'making' | 'changing' | 'removing' | 'adopting' | 'restoring', VendorCall[]>;
}

/** Of each channel, by a corrected spec. */
const CORRECTION = { displayName: 'Corrected' };

/** Jobs that know nothing of each other, as each cell's; the last takes over what a person made. */
type Runners = Record<'first' | 'next' | 'adopting', PlanRunner>;

/** The full chain of eGain with Sinch, run once against a sandbox of its own. Whatever resource its plan uses is in it. */
export async function recordEgainChain(specOf = wholeSpec): Promise<Chain> {
  const planFor = (adopt: boolean): Plan =>
    planOf({ ...specOf(RECORDED_TENANT), adopt }, { installation: RECORDED_INSTALLATION });
  const recorded = await withSandbox({}, (sandbox, connections) => {
    const runner = (adopt: boolean): PlanRunner => new PlanRunner(planFor(adopt), connections);
    const runners: Runners = { first: runner(false), next: runner(false), adopting: runner(true) };
    return record(sandbox, runners).finally(() => Promise.all(Object.values(runners).map((each) => each.close())));
  });
  const { plan, objects } = recorded;
  return {
    plan,
    objects,
    calls: Object.values(recorded.calls).flat(),
    targets: targetsOf(recorded),
    knobs: {},
    spec: (tenant, { direction, standing }) => ({
      ...specOf(tenant),
      onFailure: direction === 'back' || standing === 'corrected' ? 'hold' : 'rollback',
      adopt: standing === 'adopted',
    }),
    prepare: (sandbox, standing, account) => prepare(sandbox, objects, standing, account),
    provoke: (sandbox, { operation }) => {
      if (operation === 'token') sandbox.revokeTokens();
      return [];
    },
    hold: (account, standing) => {
      const { node, resource } = lastObject(recorded);
      const kind = { vendor: node.vendor, resource: node.resource };
      const marker = formatMarker({ installation: account.installation, account, node: node.key });
      const match =
        standing === 'adopted'
          ? { operation: 'update' as const, bodyContains: resource.key(inPlaceOf(node.body, account)) }
          : { operation: 'create' as const, bodyContains: marker };
      const found = standing === 'adopted' ? objects.filter((each) => each.resource.shared) : [];
      const rule: FaultRuleInput = { match: { ...kind, ...match }, effect: { kind: 'status', status: 400 } };
      return { rule, done: objects.length - found.length - 1 };
    },
    ours: (held, account) => markedOf(held, account),
    expected: (standing, account) =>
      objects.flatMap((each) => {
        const kind = `${each.node.vendor}.${each.node.resource}`;
        return formsAfterSuccess(each, standing).map((form) => ({ kind, object: inPlaceOf(form, account) }));
      }),
    setByVendor: ['id', 'created', SET_BY_WRITES],
    takenOver: (held, standing) => (standing === 'adopted' ? takenOver(held, objects) : undefined),
    setByWrites: SET_BY_WRITES,
    corrected: (tenant) => withOtherChannels(specOf(tenant)),
  };
}

function wholeSpec(tenant: string): OnboardingSpec {
  return chain12Spec({ tenant });
}

/** The one resource that is changed only when it is this job's own. */
function withOtherChannels(spec: OnboardingSpec): OnboardingSpec {
  const { egain } = spec;
  if (!egain) throw new Error('the factory makes an eGain section');
  return { ...spec, egain: { ...egain, channels: egain.channels.map((channel) => ({ ...channel, ...CORRECTION })) } };
}

/** What stands of a node as the account's own after success. */
function formsAfterSuccess({ stored, changed, spare, resource }: EgainObject, standing: Standing): JsonObject[] {
  if (standing === 'adopted') return []; // what was taken over carries no marker
  if (!resource.shared) return [stored];
  // Found ones are used as they are: somebody's, and those of ours that stood before.
  const forms: Partial<Record<Standing, JsonObject[]>> = {
    shared: [],
    spares: [stored, spare],
    changed: [changed],
    corrected: [{ ...stored, ...CORRECTION }],
  };
  return forms[standing] ?? [stored];
}

async function record(sandbox: Sandbox, { first, next, adopting: taking }: Runners): Promise<Recorded> {
  const { plan } = first;
  const made = await makeAll(first);
  const making = callsIn(sandbox);
  const objects: EgainObject[] = [];
  for (const { node, result } of made) {
    const resource = first.resource(node);
    if (!resource.exists) continue;
    const stored = storedAt(sandbox, node, result.externalId);
    const changed = await changeOf(sandbox, first, node, stored);
    const isCreate = createOf(node, resource);
    objects.push({ node, id: result.externalId, stored, changed, spare: stored, resource, isCreate });
  }
  const spares = new Map(objects.map((object) => [object.id, spareIdOf(object.id)]));
  for (const object of objects) object.spare = spareOf(object, spares);

  const { seq: before } = sandbox.state({ objects: false, ledger: false });
  await makeAll(next);
  const changing = callsIn(sandbox, before);
  const removing = await removeAll(sandbox, first, made);

  putPersons(sandbox, objects);
  const { seq } = sandbox.state({ objects: false, ledger: false });
  const taken = await makeAll(taking);
  const adopting = callsIn(sandbox, seq);
  const restoring = await removeAll(sandbox, taking, taken);
  return { plan, objects, calls: { making, changing, removing, adopting, restoring } };
}

type Made = { node: PlanNode; result: EnsureResult }[];

/** Undo by a client without a token. Returns its calls. */
async function removeAll(sandbox: Sandbox, runner: PlanRunner, made: Made): Promise<VendorCall[]> {
  const { seq } = sandbox.state({ objects: false, ledger: false });
  sandbox.revokeTokens();
  for (const { node, result } of [...made].reverse()) await runner.remove(node, result);
  return callsIn(sandbox, seq);
}

async function makeAll(runner: PlanRunner): Promise<Made> {
  const made: Made = [];
  await runner.look();
  for (const node of runner.plan.nodes) made.push({ node, result: await runner.ensure(node) });
  return made;
}

/** Changes one field that the engine owns and leaves the object so, to be brought back by the next `ensure`. */
async function changeOf(sandbox: Sandbox, runner: PlanRunner, node: PlanNode, stored: JsonObject): Promise<JsonObject> {
  const id = idOf(stored);
  for (const patch of changesOf(stored)) {
    sandbox.edit(node.vendor, node.resource, id, patch);
    const { differs, key, marker } = await runner.compare(node, id);
    const own = runner.resource(node).marked ? marker !== undefined : true;
    if (differs && own && key === runner.resource(node).key(node.body)) return storedAt(sandbox, node, id);
    sandbox.edit(
      node.vendor,
      node.resource,
      id,
      Object.fromEntries(Object.keys(patch).map((f) => [f, stored[f] ?? null])),
    );
  }
  throw new Error(`no field of ${node.vendor}.${node.resource} could be changed so that the engine notices`);
}

/** The object that most others come before, and that nothing needs. */
function lastObject({ plan, objects }: Recorded): ChainObject {
  const depth = (key: string): number => {
    const needs = plan.nodes.find((node) => node.key === key)?.needs ?? [];
    return needs.length === 0 ? 0 : 1 + Math.max(...needs.map(depth));
  };
  const [last] = objects
    .filter(({ node, resource }) => resource.marked && dependants(plan, node.key).length === 0)
    // Its marker is looked for in bodies: it must not be the beginning of another node's.
    .filter(({ node }) => !plan.nodes.some(({ key }) => key !== node.key && key.startsWith(node.key)))
    .sort((a, b) => depth(b.node.key) - depth(a.node.key));
  if (!last) throw new Error('the chain has no last object');
  return last;
}

/** Every call of a full chain, by the way in which a job comes to make it. */
function targetsOf({ objects, calls }: Recorded): Target[] {
  const { making, changing, removing, adopting, restoring } = calls;
  const target =
    (direction: Target['direction'], standing: Standing) =>
    (call: VendorCall): Target => ({
      ...call,
      direction,
      standing,
      marked:
        objects.find(({ node }) => node.vendor === call.vendor && node.resource === call.resource)?.resource.marked ??
        false,
    });
  const madeBy = new Set(making.map(nameOf));
  const shared = objects.filter(({ resource }) => resource.shared).map(({ node }) => `${node.vendor} ${node.resource}`);
  return [
    ...making.map(target('forward', 'nothing')),
    ...changing
      .filter((call) => ['get', 'update'].includes(call.operation) || !madeBy.has(nameOf(call)))
      .map(target('forward', 'changed')),
    ...removing
      .filter((call) => call.operation === 'delete' && !shared.includes(`${call.vendor} ${call.resource}`))
      .map(target('forward', 'spares')),
    ...[...new Set(shared)].flatMap((name) => {
      const [vendor, resource] = name.split(' ');
      const call = (operation: string): VendorCall => ({ vendor, resource, operation }) as VendorCall;
      return [
        target('forward', 'shared')(call('get')),
        ...['get', 'update'].map((operation) => target('forward', 'corrected')(call(operation))),
      ];
    }),
    ...adopting.map(target('forward', 'adopted')),
    ...removing.map(target('back', 'nothing')),
    ...restoring.map(target('back', 'adopted')),
  ];
}
