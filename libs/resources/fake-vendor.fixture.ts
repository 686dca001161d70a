import {
  formatMarker,
  parseMarker,
  VendorError,
  vendorFault,
  type HeartbeatDetails,
  type JsonObject,
  type ResolvedNode,
} from '#libs/contracts/index.js';
import type { IssuedValues, ReadOptions, Referrer, Resource, SeenObject } from './contract.js';
import { FencedError, type HeartbeatChange, type StepContext } from './step-context.js';
import type { Timing } from './timing.js';

const ACCOUNT = { tenant: 'acme', account: 'support' };
const NODE_KEY = 'egain.thing';
export const MARKER = formatMarker({ installation: 'test', account: ACCOUNT, node: NODE_KEY });

/** What the next create does instead of answering. */
export type CreateFault =
  { kind: 'unclear'; landsAfterMs: number | null } | { kind: 'refused'; status: 400 | 403 | 429 };

/** A vendor in memory with a clock of its own: pauses pass at once, and late effects land when their time has come. */
export class FakeVendor {
  clock = 1_000_000;
  readonly objects = new Map<string, SeenObject>();
  readonly calls: string[] = [];
  readonly createFaults: CreateFault[] = [];
  /** The next updates answer nothing and take effect so many milliseconds later; null: never. */
  readonly unclearUpdates: (number | null)[] = [];
  readonly referrers = new Map<string, Referrer[]>();
  listFault: VendorError | undefined;
  private readonly late: { at: number; land: () => void }[] = [];
  private count = 0;

  constructor(readonly uniqueKey: boolean) {}

  put(body: JsonObject): SeenObject {
    this.count += 1;
    const id = `id-${String(this.count)}`;
    const marker = parseMarker(typeof body['description'] === 'string' ? body['description'] : null);
    const seen: SeenObject = { id, key: nameOf(body), marker, age: String(this.count).padStart(6, '0'), body };
    this.objects.set(id, seen);
    return seen;
  }

  pass(ms: number): void {
    this.clock += ms;
    for (const effect of this.late.splice(0)) {
      if (effect.at > this.clock) this.late.push(effect);
      else effect.land();
    }
  }

  /** A delete that has not answered takes effect so many milliseconds later. */
  removeLater(id: string, ms: number): void {
    this.late.push({ at: this.clock + ms, land: () => void this.objects.delete(id) });
  }

  create(body: JsonObject): { id: string } {
    this.calls.push('create');
    const fault = this.createFaults.shift();
    if (fault?.kind === 'unclear') {
      if (fault.landsAfterMs === 0) this.put(body);
      else if (fault.landsAfterMs !== null) {
        const land = (): void => {
          if (!this.taken(body)) this.put(body);
        };
        this.late.push({ at: this.clock + fault.landsAfterMs, land });
      }
      throw vendorError('VENDOR_UNAVAILABLE', { httpStatus: 503, retryable: true, outcomeUnknown: true });
    }
    if (fault?.kind === 'refused') throw refusal(fault.status);
    if (this.taken(body)) throw refusal(400);
    return { id: this.put(body).id };
  }

  update(id: string, body: JsonObject): void {
    this.calls.push('update');
    const land = (): void => {
      const seen = this.objects.get(id);
      if (seen) this.objects.set(id, { ...seen, body: { ...seen.body, ...body } });
    };
    const landsAfterMs = this.unclearUpdates.shift();
    if (landsAfterMs === undefined) {
      land();
      return;
    }
    if (landsAfterMs !== null) this.late.push({ at: this.clock + landsAfterMs, land });
    throw vendorError('VENDOR_UNAVAILABLE', { httpStatus: 503, retryable: true, outcomeUnknown: true });
  }

  private taken(body: JsonObject): boolean {
    return this.uniqueKey && [...this.objects.values()].some((seen) => seen.key === body['name']);
  }
}

function nameOf(body: JsonObject): string {
  return typeof body['name'] === 'string' ? body['name'] : '';
}

export function vendorError(
  code: VendorError['fault']['code'],
  facts: Partial<VendorError['fault']> = {},
): VendorError {
  const message = 'the vendor said no';
  return new VendorError(
    vendorFault({ code, vendor: 'egain', resource: 'thing', operation: 'create', message, ...facts }),
  );
}

function refusal(status: 400 | 403 | 429): VendorError {
  if (status === 400) return vendorError('INVALID_REQUEST', { httpStatus: 400, maybeDuplicate: true });
  if (status === 403) return vendorError('PERMISSION_DENIED', { httpStatus: 403 });
  return vendorError('RATE_LIMITED', { httpStatus: 429, retryable: true, retryAfterMs: 7_000 });
}

/** A resource over the fake vendor, declared as a vendor's folder would. */
export function fakeResource(
  vendor: FakeVendor,
  traits: { shared?: boolean; marked?: boolean } = {},
): Resource<FakeVendor> {
  return {
    vendor: 'egain',
    name: 'thing',
    uniqueKey: vendor.uniqueKey,
    shared: traits.shared ?? false,
    marked: traits.marked ?? true,
    exists: true,
    secrets: [],
    key: nameOf,
    scope: () => undefined,
    list: (client) => {
      client.calls.push('list');
      if (client.listFault) return Promise.reject(client.listFault);
      return Promise.resolve([...client.objects.values()]);
    },
    get: (client, id) => {
      client.calls.push('get');
      return Promise.resolve(client.objects.get(id) ?? null);
    },
    create: (client, body) => Promise.resolve().then(() => client.create(body)),
    update: (client, seen, { body, mode }) => {
      const description = seen.body['description'];
      const marker = mode === 'own' || description === undefined ? {} : { description };
      return Promise.resolve().then(() => client.update(seen.id, { ...body, ...marker }));
    },
    remove: (client, id) => {
      client.calls.push('delete');
      client.objects.delete(id);
      return Promise.resolve();
    },
    diff: ({ body }, seen) =>
      body['color'] === seen.body['color']
        ? []
        : [{ path: 'color', expected: body['color'] ?? null, seen: seen.body['color'] ?? null }],
    pathKind: (path) => (path === 'color' ? 'field' : 'none'),
    former: (seen) => ({ name: seen.key, color: seen.body['color'] ?? null }),
    referrers: (client, id) => Promise.resolve(client.referrers.get(id) ?? []),
  };
}

/** The same resource with a secret for each object, and those that `works` has still bring something, whether or not it stands. */
export function issuing(resource: Resource<FakeVendor>, works: ReadonlySet<string>): Resource<FakeVendor> {
  return {
    ...resource,
    issues: ['secret'],
    issued: (client, id): Promise<IssuedValues> =>
      Promise.resolve(client.objects.has(id) ? { secret: `secret of ${id}` } : {}),
    revoked: (_client, { issued }) => Promise.resolve(!works.has(issued['secret'] ?? '')),
  };
}

export function thing(body: JsonObject = {}, facts: Partial<ResolvedNode> = {}): ResolvedNode {
  return {
    key: NODE_KEY,
    vendor: 'egain',
    resource: 'thing',
    connection: 'egain-main',
    title: 'Thing',
    needs: [],
    adopt: false,
    marker: MARKER,
    body: { name: 'acme.support.thing', description: MARKER, color: 'blue', ...body },
    account: ACCOUNT,
    installation: 'test',
    ...facts,
  };
}

export const TIMING: Timing = {
  deadlineMs: 10_000,
  settleMs: [2_000, 5_000, 15_000],
  initialIntervalMs: 1_000,
  maximumIntervalMs: 60_000,
  giveUpAfterMs: 1_800_000,
};

/** An attempt over the fake vendor's clock. */
export class FakeContext implements StepContext {
  readonly startedAt: number;
  readonly scheduledAt: number;
  readonly timing = TIMING;
  readonly signal: AbortSignal;
  readonly reads: ReadOptions;
  readonly confirmed: HeartbeatDetails[] = [];
  /** Set to make the next confirmation fail, as for an attempt that the server gave up. */
  fenced = false;
  private current: HeartbeatDetails;
  private readonly abort = new AbortController();

  constructor(
    private readonly vendor: FakeVendor,
    readonly attempt = 1,
    readonly previous?: HeartbeatDetails,
  ) {
    this.startedAt = vendor.clock;
    this.scheduledAt = vendor.clock;
    this.signal = this.abort.signal;
    this.reads = { signal: this.signal };
    this.current = previous ?? { phase: 'looking', settled: false, firstFaultAt: null };
  }

  cancel(): void {
    this.abort.abort();
  }

  details(): HeartbeatDetails {
    return this.current;
  }

  confirm(change: HeartbeatChange): Promise<void> {
    if (this.fenced) return Promise.reject(new FencedError('another attempt holds the step'));
    this.current = { ...this.current, ...change };
    this.confirmed.push(this.current);
    return Promise.resolve();
  }

  pause(ms: number): Promise<void> {
    this.throwIfCancelled();
    this.vendor.pass(ms);
    return Promise.resolve();
  }

  throwIfCancelled(): void {
    if (this.signal.aborted) throw new FencedError('the step was cancelled');
  }

  now(): number {
    return this.vendor.clock;
  }

  momentOf(serverMs: number): number {
    return serverMs;
  }

  open(body: JsonObject): JsonObject {
    const open = (_name: string, value: unknown): unknown =>
      typeof value === 'string' ? value.replace(/^sealed\((.*)\)$/, '$1') : value;
    return JSON.parse(JSON.stringify(body), open) as JsonObject;
  }

  seal(text: string): string {
    return `sealed(${text})`;
  }
}
