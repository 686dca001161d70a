import {
  isJsonObject,
  VendorError,
  type EnsureInput,
  type EnsureResult,
  type JsonObject,
  type JsonValue,
  type Origin,
} from '#libs/contracts/index.js';
import { selectPaths } from '#libs/planning/index.js';
import type { IssuedValues, Resource, SeenObject, WriteMode } from './contract.js';
import { ensureReady } from './ready.js';
import { completeStanding } from './standing.js';
import { nodeFault } from './faults.js';
import { find } from './find.js';
import type { Sighting } from './sighting.js';
import type { StepContext } from './step-context.js';
import { inFlightMs } from './timing.js';

/** Pause between two looks for a create that may still take effect. */
const IN_FLIGHT_LOOK_MS = 2_000;

/**
 * Brings one node to its desired state; the one algorithm for first run, retry and repair (`design.md` section 4).
 * Afterwards exactly one object of ours stands and equals the plan, or nothing was made that a later look will not find.
 * A second call changes nothing. A create is sent once: after an unclear outcome the vendor is read until it is clear.
 * @throws VendorError the step's fault, `retryable` or not
 * @throws FencedError when another attempt holds the step, or it was cancelled
 */
export async function ensure<C>(
  resource: Resource<C>,
  client: C,
  ctx: StepContext,
  input: EnsureInput,
): Promise<EnsureResult> {
  if (!resource.exists) return ensureReady(resource, client, ctx, input);
  return new Ensure(resource, client, ctx, input).run();
}

class Ensure<C> {
  /** True while a create of a former attempt or scheduling may still take effect. */
  private inFlight: boolean;
  /** True when an update of a former attempt may still take effect. */
  private readonly writeInFlight: boolean;
  /** True while what a look finds may be what a create of ours made. */
  private unclear: boolean;
  private settle: boolean;
  /** What the create's answer told of what the vendor issued. */
  private issued: IssuedValues = {};

  constructor(
    private readonly resource: Resource<C>,
    private readonly client: C,
    private readonly ctx: StepContext,
    private readonly input: EnsureInput,
  ) {
    const { previous } = ctx;
    // An object that an attempt before has brought to stand is the outcome of its create.
    const unanswered = previous?.phase === 'posting' && !previous.settled && !previous.stands;
    this.inFlight = (input.mayBeInFlightSince !== null && input.stood === undefined) || unanswered;
    this.writeInFlight = previous?.writing === true;
    this.unclear = this.inFlight;
    this.settle = ctx.attempt > 1 || !input.first;
  }

  async run(): Promise<EnsureResult> {
    const { resource, client, ctx, input } = this;
    const result = await this.reach(await this.firstSighting());
    return { ...result, ...(await completeStanding(resource, client, ctx, input, result, this.issued)) };
  }

  /** The look of the job serves its node's very first attempt; every other one looks itself. */
  private async firstSighting(): Promise<Sighting> {
    const { ctx, input } = this;
    const stood = ctx.previous?.stands ?? input.stood;
    const seen = stood ? await this.standing(stood.id) : undefined;
    if (seen) return stood?.origin === 'adopted' ? { status: 'adoptable', seen } : { status: 'ours', seen, spares: [] };
    if (this.inFlight) return this.lookWhileInFlight();
    if (ctx.attempt === 1 && input.first && input.looked?.status === 'missing') return { status: 'missing' };
    return this.find();
  }

  /**
   * What a former attempt has brought to stand, by its id: a corrected spec may have other values. A list may lag behind the create that
   * answered, and a gateway may say of anything that it is not there: gone is what neither has seen after every settle pause.
   */
  private async standing(id: string): Promise<SeenObject | undefined> {
    const { ctx, input, resource, client } = this;
    const scope = resource.scope(input.node.body);
    const options = { signal: ctx.signal };
    for (const ms of [0, ...ctx.timing.settleMs]) {
      if (ms > 0) await ctx.pause(ms);
      const seen = await resource.get(client, id, options);
      if (seen || scope === null) return seen ?? undefined;
      const listed = (await resource.list(client, scope, options)).find((each) => each.id === id);
      if (listed) return listed;
    }
    return undefined;
  }

  /** Brings what was seen to what is desired. */
  private async reach(sighting: Sighting): Promise<EnsureResult> {
    const { node } = this.input;
    switch (sighting.status) {
      case 'missing':
        return this.create();
      case 'ours':
        if (sighting.spares.length > 0) this.settle = true;
        return this.bringTo(await this.landed(sighting.seen), this.modeFor(sighting.seen));
      case 'adoptable':
        return this.bringTo(await this.landed(sighting.seen), 'adopted');
      case 'shared':
        return this.result(sighting.seen.id, 'shared', `shared object ${sighting.seen.id} is used as it is`);
      case 'foreign':
        throw nodeFault(node, 'get', 'FOREIGN_RESOURCE', `${node.title}: ${sighting.reason}.`, {
          externalId: sighting.ids[0] ?? null,
        });
      case 'ambiguous':
        throw nodeFault(
          node,
          'get',
          'AMBIGUOUS',
          `${node.title}: ${sighting.reason}; a person must decide which is meant.`,
        );
    }
  }

  /** What a former scheduling wrote and a corrected spec no longer wants must not land over what it does want. */
  private async landed(seen: SeenObject): Promise<SeenObject> {
    const { resource, client, ctx, input } = this;
    if (input.mayBeInFlightSince === null || input.applied === undefined || ctx.previous?.settled === true) return seen;
    const until = ctx.startedAt + inFlightMs(ctx.timing);
    while (ctx.now() < until) await ctx.pause(Math.min(until - ctx.now(), IN_FLIGHT_LOOK_MS));
    await ctx.confirm({ settled: true });
    return (await resource.get(client, seen.id, { signal: ctx.signal })) ?? seen;
  }

  private async bringTo(seen: SeenObject, mode: WriteMode): Promise<EnsureResult> {
    const { resource, input } = this;
    const differs = resource.diff(input.node.body, seen, mode);
    const adopted = mode === 'adopted';
    if (differs.length === 0 && (adopted || !this.secretsCorrected())) {
      const origin: Origin = adopted
        ? 'adopted'
        : this.wasThere(seen)
          ? this.formerOrigin(this.settledOrigin(seen))
          : 'created';
      return this.result(seen.id, origin, 'stands as planned', this.formerOf(origin, seen));
    }
    const former = resource.former(seen);
    if (adopted) this.requireKept(seen);
    await this.update(seen, mode);
    const origin: Origin = adopted ? 'adopted' : this.wasThere(seen) ? this.formerOrigin('updated') : 'created';
    const kept = this.recordedFormer(seen.id) ?? former;
    const message = differs.length > 0 ? `changed ${differs.join(', ')}` : 'wrote corrected secrets';
    return this.result(seen.id, origin, message, origin === 'created' ? undefined : kept);
  }

  /** What taking over takes out of an object must have been kept by then: what this job's look, or a former one, could keep of it. */
  private requireKept(seen: SeenObject): void {
    const { resource, input } = this;
    const kept = this.recordedFormer(seen.id) ?? input.known?.former ?? resource.former(seen);
    const lost = resource.loses?.(input.node.body, seen, kept);
    if (lost === undefined) return;
    throw nodeFault(input.node, 'update', 'CONFLICT', `${input.node.title}: ${lost}.`, { externalId: seen.id });
  }

  /**
   * The intent is at the server before the request leaves, as for a create: an update that never answered may undo what undo does.
   * The next attempt needs no wait, since it writes the same.
   */
  private async update(seen: SeenObject, mode: WriteMode): Promise<void> {
    const { resource, client, ctx, input } = this;
    const body = ctx.open(input.node.body, resource.secrets);
    ctx.throwIfCancelled();
    await ctx.confirm({ writing: true });
    try {
      await resource.update(client, seen, body, mode);
    } catch (error) {
      if (error instanceof VendorError && !error.fault.outcomeUnknown && !this.writeInFlight)
        await ctx.confirm({ writing: false });
      throw error;
    }
    if (!this.writeInFlight && (resource.issues || resource.verify)) await ctx.confirm({ writing: false });
  }

  /** Whether a corrected spec brings secrets that a former scheduling did not write. The vendor does not show them. */
  private secretsCorrected(): boolean {
    const { resource, ctx, input } = this;
    const { applied, node } = input;
    if (applied === undefined) return false;
    const secretsOf = (body: JsonObject): string => {
      const open = ctx.open(body, resource.secrets);
      return JSON.stringify(resource.secrets.map((path) => selectPaths(open, path)));
    };
    const wanted = secretsOf(node.body);
    try {
      return secretsOf(applied) !== wanted;
    } catch {
      return true; // what was written cannot be known any more, a reference that the tenant has lost for one: it is written anew
    }
  }

  /** The only place that creates. The intent is at the server before the request leaves (`design.md` section 4, the fence). */
  private async create(): Promise<EnsureResult> {
    const { resource, client, ctx, input } = this;
    const { node } = input;
    if (resource.scope(node.body) === null) {
      throw nodeFault(node, 'create', 'INVALID_REQUEST', `${node.title}: what it belongs to does not stand.`);
    }
    const body = ctx.open(node.body, resource.secrets);
    ctx.throwIfCancelled();
    await ctx.confirm({ phase: 'posting', settled: false });
    try {
      const { id, issued = {} } = await resource.create(client, body);
      this.issued = issued;
      return this.result(id, 'created', `created ${id}`);
    } catch (error) {
      if (!(error instanceof VendorError)) throw error;
      if (error.fault.outcomeUnknown) return this.settleUnclear(error);
      if (error.fault.maybeDuplicate) return this.settleRefused(error);
      if (!this.inFlight) await ctx.confirm({ settled: true }); // a clear refusal: nothing of this attempt can land later
      throw error;
    }
  }

  /** After an unclear create: look at once, after each settle pause, and until the call can no longer take effect. */
  private async settleUnclear(error: VendorError): Promise<EnsureResult> {
    const { ctx, resource } = this;
    this.settle = true;
    this.unclear = true;
    const pauses = [0, ...ctx.timing.settleMs, ...(resource.uniqueKey ? [] : [ctx.timing.deadlineMs])];
    for (const ms of pauses) {
      if (ms > 0) await ctx.pause(ms);
      const sighting = await this.find();
      if (sighting.status !== 'missing') return this.reach(sighting);
    }
    // Looked for as long as the call could take effect; with a unique key it is the vendor that refuses the second.
    if (!resource.uniqueKey) await ctx.confirm({ settled: true });
    throw new VendorError({ ...error.fault, retryable: true }, { cause: error });
  }

  /** After a 400 or 409: it may be our own object of an attempt before, or somebody else's. */
  private async settleRefused(error: VendorError): Promise<EnsureResult> {
    const { ctx } = this;
    // Refused clearly, and nothing else is on its way: what stands under the name is not of this attempt.
    if (!this.inFlight) await ctx.confirm({ settled: true });
    // The object of a former attempt may not be listed yet; a first create's refusal needs one look.
    const pauses = this.inFlight || ctx.attempt > 1 ? [0, ...ctx.timing.settleMs] : [0];
    for (const ms of pauses) {
      if (ms > 0) await ctx.pause(ms);
      const sighting = await this.find();
      if (sighting.status !== 'missing') return this.reach(sighting);
    }
    throw error;
  }

  /**
   * A create of an attempt presumed dead may still land. With a unique key one look is enough: the vendor refuses the second, unless
   * a corrected plan renamed it since (a later scheduling). Without one, look until found or until it can no longer land, counted from this attempt's own start.
   */
  private async lookWhileInFlight(): Promise<Sighting> {
    const { ctx, resource, input } = this;
    this.settle = true;
    const until = ctx.startedAt + inFlightMs(ctx.timing);
    for (;;) {
      const began = ctx.now(); // what lands while a slow list is read may be missing from it
      const sighting = await this.find();
      const refused = resource.uniqueKey && input.mayBeInFlightSince === null;
      if (sighting.status !== 'missing' || refused) return sighting;
      if (began >= until) {
        this.inFlight = false;
        return sighting;
      }
      await ctx.pause(Math.min(IN_FLIGHT_LOOK_MS, Math.max(until - ctx.now(), 1)));
    }
  }

  private find(): Promise<Sighting> {
    const { resource, client, ctx, input } = this;
    const recorded = { known: input.known, looked: input.looked, unclear: this.unclear };
    return find(resource, client, input.node, recorded, { signal: ctx.signal });
  }

  /** An object that this job made loses what a corrected spec no longer names; what others may have set on an older one stays. */
  private modeFor(seen: SeenObject): WriteMode {
    const { known, looked, applied, node } = this.input;
    if (known?.origin === 'adopted') return 'adopted';
    const madeHere = !(looked?.before.includes(seen.id) ?? true);
    return madeHere && applied !== undefined && dropsFields(applied, node.body) ? 'replace' : 'own';
  }

  /** Whether the object stood before this job. */
  private wasThere(seen: SeenObject): boolean {
    const { known, looked } = this.input;
    return seen.id === known?.externalId || (looked?.before.includes(seen.id) ?? false);
  }

  /** An object that a former scheduling of this job created stays `created`. */
  private formerOrigin(otherwise: Origin): Origin {
    const { known, looked } = this.input;
    return known?.origin === 'created' && !(looked?.before.includes(known.externalId) ?? false) ? 'created' : otherwise;
  }

  /** What stands as planned now and differed when the job looked was brought there by an attempt before. */
  private settledOrigin(seen: SeenObject): Origin {
    const { looked } = this.input;
    return looked?.action === 'update' && looked.externalId === seen.id ? 'updated' : 'unchanged';
  }

  private formerOf(origin: Origin, seen: SeenObject): JsonObject | undefined {
    if (origin === 'updated') return this.input.looked?.former;
    if (origin !== 'adopted') return undefined;
    return this.recordedFormer(seen.id) ?? this.input.known?.former ?? this.resource.former(seen);
  }

  /** How an object stood before this job first wrote to it: as the look saw it, else the attempt that took it over. */
  private recordedFormer(id: string): JsonObject | undefined {
    const { ctx, input } = this;
    const stood = ctx.previous?.stands ?? input.stood;
    return input.looked?.former ?? (stood?.id === id ? stood.former : undefined);
  }

  private result(id: string, origin: Origin, message: string, former?: JsonObject): EnsureResult {
    const landsUntil = this.inFlight || this.writeInFlight ? this.ctx.startedAt + inFlightMs(this.ctx.timing) : 0;
    return {
      externalId: id,
      origin,
      outputs: { id },
      ...(former ? { former } : {}),
      settle: this.settle,
      inFlightUntil: landsUntil > this.ctx.now() ? new Date(landsUntil).toISOString() : null,
      message,
    };
  }
}

/** Whether a body had a field that the one after it lacks; an empty one is not known, and may have had any. */
function dropsFields(before: JsonValue, after: JsonValue | undefined, unknown = true): boolean {
  if (Array.isArray(before) && Array.isArray(after)) {
    return before.some((item, i) => dropsFields(item, after[i], false));
  }
  if (!isJsonObject(before) || !isJsonObject(after)) return false;
  const names = Object.keys(before);
  if (names.length === 0) return unknown;
  return names.some((name) => !(name in after) || dropsFields(before[name] ?? null, after[name], false));
}
