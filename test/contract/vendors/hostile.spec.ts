import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import fc from 'fast-check';
import type { Sandbox } from '#apps/sandbox/src/server.js';
import { VendorError, type EnsureResult, type Plan, type PlanNode } from '#libs/contracts/index.js';
import { shown, shownFinding } from '#activities/shown.js';
import { dependants } from '#libs/planning/index.js';
import { fullEgainSpec, livepersonTextSpec, planOf } from '#test/factories/index.js';
import { PlanRunner } from '#test/support/plan-runner.js';
import { connectionsFile, connectionsOf, startSandbox, tempFolder } from '#test/support/sandbox.js';
import { attacks, type Attack } from './hostile/attacks.js';
import { until } from '#test/support/until.js';
import { startHostileVendor, type HostileVendor } from './hostile/hostile-vendor.js';
import { livepersonConnection } from './liveperson.js';

/** `GANGWAY_FUZZ=all` and `GANGWAY_FUZZ_RUNS` make the long run; `npm test` has a slice. */
const all = process.env['GANGWAY_FUZZ'] === 'all';
const RUNS = Number(process.env['GANGWAY_FUZZ_RUNS'] ?? (all ? '400' : '12'));
const seed = process.env['GANGWAY_FUZZ_SEED'] === undefined ? {} : { seed: Number(process.env['GANGWAY_FUZZ_SEED']) };

const DEADLINE_MS = 2_000;
/** What a verb may take at the longest: all its calls at their deadline, and its pauses. */
const VERB_MS = 90_000;

/** Calls that a resource may make, and no others: below the API of its vendor, on the way to a token, or to LivePerson's services. */
const PATHS: Record<string, RegExp> = {
  egain:
    /^\/egain\/(oauth2\/v2\.0\/token|conversation\/conversationmgr\/v3\/[a-z]+(\/[\w.~%-]+)?(\?\$page(num|size)=\d+(&\$pagesize=\d+)?)?)$/,
  sinch:
    /^\/sinch\/(oauth2\/token|eu\/v1\/projects\/[\w-]+\/(apps|webhooks)(\/[\w.~%-]+(\/webhooks)?)?(\?update_mask=[\w,]*)?)$/,
  liveperson: /^\/(api\/account\/12345678\/|sentinel\/api\/(v2\/)?account\/12345678\/)[\w./%?=&:+-]*$/,
};
/** Steps up, in every form that a server might read as such. */
const STEP_UP = /(^|\/)(\.|%2e){1,2}(\/|\?|$)|%2f|%5c|\\/i;
/** What must not stand in a line that people read: controls, marks of direction, invisible ones. */
const RAW = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
const LONGEST_MESSAGE = 3_000;

interface Bench {
  plan: Plan;
  connect(url: string): { connections: ConstructorParameters<typeof PlanRunner>[1]; remove?: () => void };
}

const BENCHES: Record<string, Bench> = {
  'egain and sinch': {
    plan: planOf(fullEgainSpec()),
    connect: (url) => {
      const { folder, remove } = tempFolder();
      const file = connectionsFile(folder, url, { timeoutMs: DEADLINE_MS, settleMs: [5, 5] });
      return { connections: connectionsOf(file), remove };
    },
  },
  liveperson: {
    plan: planOf(livepersonTextSpec()),
    connect: (url) => {
      const settings = livepersonConnection(url);
      const timing = { ...settings.timing, deadlineMs: DEADLINE_MS, settleMs: [5, 5] };
      return { connections: [{ ...settings, timing, limits: { ...settings.limits, timeoutMs: DEADLINE_MS } }] };
    },
  },
};

/** What stands when a verb begins. */
interface Prepared {
  runner: PlanRunner;
  made: EnsureResult | null;
}

/** What is run against a vendor: one verb after the other, whatever became of the one before. */
type Verb = 'look' | 'ensure' | 'repair' | 'remove' | 'undo';
const VERBS: readonly Verb[] = ['look', 'ensure', 'repair', 'remove', 'undo'];

describe.each(Object.entries(BENCHES))('a hostile vendor: %s', (_name, bench) => {
  const { plan } = bench;
  const secrets = secretsIn(plan);
  const targets = plan.nodes.filter(
    (node, i) => plan.nodes.findIndex((n) => n.resource === node.resource && n.vendor === node.vendor) === i,
  );
  let sandbox: Sandbox;
  let hostile: HostileVendor;
  let connected: ReturnType<Bench['connect']>;

  beforeAll(async () => {
    const started = await startSandbox();
    sandbox = started.sandbox;
    hostile = await startHostileVendor(started.url);
    connected = bench.connect(hostile.url);
    // The sandbox makes the key of its tokens with the first of them, which takes longer than any deadline here.
    const { runner } = await prepared(undefined, true);
    await runner.close();
  });
  afterAll(async () => {
    await hostile.close();
    await sandbox.close();
    connected.remove?.();
  });

  it.each(targets.map((node) => ({ key: `${node.vendor}.${node.resource}`, node })))(
    '$key breaks nothing, goes nowhere and says nothing raw',
    { timeout: all ? 3_600_000 : 300_000 },
    async ({ node }) => {
      const scene = fc.record({
        verb: fc.constantFrom(...VERBS),
        attack: fc.noShrink(attacks(hostile.trap)),
        from: fc.nat(6),
        times: fc.constantFrom(1, 1, 2, 20),
      });
      await fc.assert(
        fc.asyncProperty(scene, async ({ verb, attack, from, times }) => {
          const found = await play(node, verb, attack, from, times);
          expect(found, `${verb} under ${attack.name} from call ${String(from)}, ${String(times)} times`).toEqual([]);
        }),
        { numRuns: RUNS, ...seed, endOnFailure: true },
      );
    },
  );

  /** Makes what a node needs, and with `whole` the node and all others too; undefined where the machine was too slow for its deadlines. */
  async function prepare(node: PlanNode | undefined, whole: boolean): Promise<Prepared | undefined> {
    hostile.attackWith(undefined);
    sandbox.reset();
    const runner = new PlanRunner(plan, connected.connections);
    try {
      await runner.look();
      for (const other of plan.nodes) {
        if (node === undefined || dependants(plan, other.key).includes(node.key)) await runner.ensure(other);
      }
      return { runner, made: node && whole ? await runner.ensure(node) : null };
    } catch (error) {
      await runner.close();
      if (!(error instanceof VendorError && error.fault.retryable)) throw error;
      return undefined;
    }
  }

  function prepared(node: PlanNode | undefined, whole: boolean): Promise<Prepared> {
    return until(() => prepare(node, whole), 'the vendors to be quick', 120_000);
  }

  /** Brings everything to where the verb begins, arms the attack, runs the verb, and answers all that is not as it must be. */
  async function play(node: PlanNode, verb: Verb, attack: Attack, from: number, times: number): Promise<string[]> {
    const { runner, made } = await prepared(node, verb !== 'look' && verb !== 'ensure');
    try {
      hostile.attackWith(attack, from, times);
      const began = performance.now();
      const said = await sayingOf(() => run(runner, node, verb, made));
      const tookMs = performance.now() - began;
      return [...said, ...tracesOf(hostile, node), ...(tookMs > VERB_MS ? [`took ${String(tookMs)} ms`] : [])];
    } finally {
      await runner.close();
    }
  }

  async function run(runner: PlanRunner, node: PlanNode, verb: Verb, made: EnsureResult | null): Promise<unknown> {
    switch (verb) {
      case 'look':
        await runner.look();
        return plan.nodes.flatMap((each) => runner.finding(each) ?? []).map(shownFinding);
      case 'ensure':
      case 'repair':
        return shown(await runner.ensure(node, verb === 'repair' ? 2 : 1));
      case 'remove':
        return shown(await runner.remove(node, made));
      case 'undo':
        return shown(await runner.remove(node, null));
    }
  }

  /** What is wrong with a result, or with a failure. */
  async function sayingOf(verb: () => Promise<unknown>): Promise<string[]> {
    try {
      return linesIn(await verb()).flatMap(({ name, text }) => faultsOf(name, text));
    } catch (error) {
      if (!(error instanceof VendorError))
        return [`threw ${String(error)} ${error instanceof Error ? (error.stack ?? '') : ''}`];
      const { message, vendorCode, externalId } = error.fault;
      return [
        ...faultsOf('message', message),
        ...faultsOf('vendorCode', vendorCode ?? ''),
        ...faultsOf('externalId', externalId ?? ''),
      ];
    }
  }

  function faultsOf(name: string, text: string): string[] {
    return [
      ...(RAW.test(text) ? [`${name} is raw: ${JSON.stringify(text.slice(0, 200))}`] : []),
      ...(text.length > LONGEST_MESSAGE ? [`${name} is ${String(text.length)} characters long`] : []),
      ...(/^(externalId|id)$/.test(name) && text !== '' && !/^[\w.~-]+$/.test(text)
        ? [`${name} is no id: ${text}`]
        : []),
      ...secrets.filter((secret) => text.includes(secret)).map((secret) => `${name} holds the secret ${secret}`),
    ];
  }
});

/** What arrived where nothing may: outside the vendor's API, or at another host. */
function tracesOf({ got, trapped }: HostileVendor, { vendor }: PlanNode): string[] {
  const allowed = PATHS[vendor];
  const strange = got.filter(({ path }) => {
    const vendors = vendor === 'liveperson' ? [allowed] : [PATHS['egain'], PATHS['sinch']];
    return STEP_UP.test(path) || !vendors.some((each) => each?.test(path));
  });
  return [
    ...strange.map(({ method, path }) => `went to ${method} ${path}`),
    ...trapped.map(({ method, path }) => `went elsewhere: ${method} ${path}`),
  ];
}

const SAID = ['externalId', 'id', 'message', 'reason', 'warnings'];

/** The sentences of a result, and its ids. */
function linesIn(result: unknown): { name: string; text: string }[] {
  const found: { name: string; text: string }[] = [];
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(walk);
    else if (typeof value === 'object' && value !== null) {
      for (const [name, each] of Object.entries(value)) {
        if (SAID.includes(name))
          for (const text of [each].flat()) if (typeof text === 'string') found.push({ name, text });
        // Bodies as they stood are kept word for word, to be put back.
        if (name !== 'former') walk(each);
      }
    }
  };
  walk(result);
  return found;
}

/** The secrets of a plan, in clear. */
function secretsIn(plan: Plan): string[] {
  const text = JSON.stringify(plan);
  const sealed = [...text.matchAll(/sealed:v1:test:([A-Za-z0-9+/=]+)/g)].map(([, base64 = '']) => base64);
  const open = sealed.map((base64) => Buffer.from(base64, 'base64').toString()).filter((each) => each.length < 200);
  return [...open, 'sandbox-secret', 'sandbox-lp-bearer'].filter((each) => each.length >= 6);
}
