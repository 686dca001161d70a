import { VendorError, type EnsureInput, type EnsureResult, type JsonObject } from '#libs/contracts/index.js';
import { selectPaths } from '#libs/planning/index.js';
import type { Desired, IssuedValues, Resource, SeenObject, WriteMode } from './contract.js';
import { nodeFault } from './faults.js';
import { find } from './find.js';
import { pathsOf } from './paths-of.js';
import { formerBody, isAdopted, knownResource, provenance, type Provenance } from './provenance.js';
import { ensureReady } from './ready.js';
import { isOurMarker, type Sighting } from './sighting.js';
import { completeStanding } from './standing.js';
import type { StepContext } from './step-context.js';
import { inFlightMs } from './timing.js';
import { traceOf } from './trace.js';

/** Pause between two looks for a create that may still take effect. */
const IN_FLIGHT_LOOK_MS = 2_000;

/**
 * Brings one node to its desired state; the one algorithm for first run, retry, amendment and repair (`docs/architecture.md` §4).
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
    const { inFlightSince, provisioned } = input.knowledge;
    // An object that an attempt before has brought to stand is the outcome of its create.
    const unanswered = previous?.phase === 'posting' && !previous.settled && !previous.stands;
    this.inFlight = (inFlightSince !== null && provisioned === undefined) || unanswered;
    this.writeInFlight = previous?.writing === true;
    this.unclear = this.inFlight;
    this.settle = ctx.attempt > 1 || !input.first;
  }

  async run(): Promise<EnsureResult> {
    const { resource, client, ctx, input } = this;
    const result = await this.reach(await this.firstSighting());
    if (result.outcome === 'created') await this.giveWay(result.externalId);
    const trace = traceOf(resource, result.externalId, input.node.body);
    const standing = await completeStanding(resource, client, ctx, input, result, this.issued);
    return { ...result, ...standing, ...(trace ? { trace } : {}) };
  }

  /** The look of the job serves its node's very first attempt; every other one looks itself. */
  private async firstSighting(): Promise<Sighting> {
    const { ctx, input } = this;
    const stood = this.provisioned;
    const seen = stood ? await this.standing(stood.id) : undefined;
    if (seen)
      return stood?.ownership === 'adopted' ? { status: 'adoptable', seen } : { status: 'ours', seen, spares: [] };
    if (this.inFlight) return this.lookWhileInFlight();
    const missing = input.knowledge.looked?.status === 'missing';
    if (ctx.attempt === 1 && input.first && missing) return { status: 'missing' };
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

  /**
   * Two accounts may pass each other: each looks, and then each makes what clashes with the other's. So whoever has made something reads
   * once more; of two that clash the older stays, and the younger is taken away by the one that made it.
   */
  private async giveWay(id: string): Promise<void> {
    const { resource, client, ctx, input } = this;
    const { node } = input;
    const scope = resource.scope(node.body);
    if (!resource.clash || scope === null || !resource.uniqueKey) return;
    const list = await resource.list(client, scope, { signal: ctx.signal });
    const own = list.find((seen) => seen.id === id) ?? (await resource.get(client, id, { signal: ctx.signal }));
    const older = list.find(
      (seen) => own && seen.id !== id && seen.age < own.age && resource.clash?.(node.body, seen) !== undefined,
    );
    if (!older) return;
    await ctx.confirm({});
    ctx.throwIfCancelled();
    await resource.remove(client, id);
    const message = `${node.title}: another account made one at the same time that clashes with it, and was first. This one was removed.`;
    throw nodeFault(node, 'create', 'CONFLICT', message, { externalId: null });
  }

  /** Brings what was seen to what is desired. */
  private async reach(sighting: Sighting): Promise<EnsureResult> {
    const { node } = this.input;
    switch (sighting.status) {
      case 'missing':
        return this.create();
      case 'ours': {
        if (sighting.spares.length > 0) this.settle = true;
        const mode = this.modeFor();
        const seen = await this.landed(sighting.seen);
        if (seen) return this.bringTo(seen, mode);
        return mode === 'adopted' ? this.bringTo(sighting.seen, mode) : this.create();
      }
      case 'adoptable':
        return this.bringTo((await this.landed(sighting.seen)) ?? sighting.seen, 'adopted');
      case 'shared':
        return this.useShared(sighting.seen);
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

  /** A shared object that is there is used as it stands; one that carries the account's marker is its own all the same. */
  private useShared(seen: SeenObject): EnsureResult {
    const { node, knowledge } = this.input;
    const own = isOurMarker(seen.marker, node);
    const { recorded } = knowledge;
    const ownership = recorded?.externalId === seen.id ? recorded.ownership : own ? 'created' : 'shared';
    const what = own ? 'was made by this account before' : 'is shared';
    return this.result(seen.id, { ownership, outcome: 'shared' }, `${seen.id} ${what} and is used as it is`);
  }

  /** What a former scheduling wrote or removed, and is not wanted any more, must not land over what is. Undefined: it is gone by now. */
  private async landed(seen: SeenObject): Promise<SeenObject | undefined> {
    const { ctx, input } = this;
    const waits = input.knowledge.inFlightSince !== null && input.previous !== undefined;
    if (!waits || ctx.previous?.settled === true) return seen;
    const until = ctx.startedAt + inFlightMs(ctx.timing);
    while (ctx.now() < until) await ctx.pause(Math.min(until - ctx.now(), IN_FLIGHT_LOOK_MS));
    await ctx.confirm({ settled: true });
    return this.standing(seen.id);
  }

  private async bringTo(seen: SeenObject, mode: WriteMode): Promise<EnsureResult> {
    const { resource, input } = this;
    const { knowledge, node } = input;
    const desired = this.desired(seen, mode, node.body);
    const differs = resource.diff(desired, seen);
    const wrote = differs.length > 0 || (mode !== 'adopted' && this.writesSecrets());
    const body = resource.former(seen);
    if (wrote && mode === 'adopted') this.requireKept(seen, desired.former ?? body);
    if (wrote) await this.update(seen, desired);
    const found = provenance(knowledge, { id: seen.id, mode, wrote, body }, this.provisioned);
    const paths = pathsOf(differs);
    const message = !wrote ? 'stands as planned' : paths === '' ? 'wrote secrets' : `changed ${paths}`;
    return this.result(seen.id, found, message);
  }

  /** What is to be written, with the references to secrets as they are in `body`. */
  private desired(seen: SeenObject, mode: WriteMode, body: JsonObject): Desired {
    const { previous, knowledge, rewriteSecrets } = this.input;
    const former = mode === 'adopted' ? formerBody(knowledge, seen.id, this.provisioned) : undefined;
    const known = previous !== undefined && Object.keys(previous).length > 0;
    // Where nothing is said of the secrets that were written before, all of them are.
    const before = known ? { previous } : rewriteSecrets === true ? { previous: {} } : {};
    return { body, mode, ...before, ...(former ? { former } : {}) };
  }

  /** What taking over takes out of an object must have been kept by then: what this job's look, or a former one, could keep of it. */
  private requireKept(seen: SeenObject, kept: JsonObject): void {
    const { resource, input } = this;
    const lost = resource.loses?.(input.node.body, seen, kept);
    if (lost === undefined) return;
    throw nodeFault(input.node, 'update', 'CONFLICT', `${input.node.title}: ${lost}.`, { externalId: seen.id });
  }

  /**
   * The intent is at the server before the request leaves, as for a create: an update that never answered may undo what undo does.
   * The next attempt needs no wait, since it writes the same.
   */
  private async update(seen: SeenObject, desired: Desired): Promise<void> {
    const { resource, client, ctx } = this;
    const body = ctx.open(desired.body, resource.secrets);
    // Where the secrets that were written before cannot be opened any more, they count as others.
    const rewrites = this.input.rewriteSecrets === true;
    const before = rewrites ? {} : desired.previous && (this.opened(desired.previous) ?? desired.previous);
    ctx.throwIfCancelled();
    await ctx.confirm({ writing: true });
    try {
      await resource.update(client, seen, { ...desired, body, ...(before ? { previous: before } : {}) });
    } catch (error) {
      if (error instanceof VendorError && !error.fault.outcomeUnknown && !this.writeInFlight)
        await ctx.confirm({ writing: false });
      throw error;
    }
    if (!this.writeInFlight && (resource.issues || resource.verify)) await ctx.confirm({ writing: false });
  }

  /** Whether secrets are to be written that are not known to stand. The vendor does not show them, so what was written before decides. */
  private writesSecrets(): boolean {
    const { resource, input } = this;
    const { previous, node, rewriteSecrets } = input;
    const secretsOf = (body: JsonObject): string[] =>
      resource.secrets.flatMap((path) => selectPaths(body, path).map(({ value }) => JSON.stringify(value)));
    if (rewriteSecrets) return secretsOf(node.body).length > 0;
    if (previous === undefined) return false;
    const [before, wanted] = [this.opened(previous), this.opened(node.body)];
    // A secret that cannot be opened any more counts as another one.
    return before === undefined || wanted === undefined || !sameTexts(secretsOf(before), secretsOf(wanted));
  }

  private opened(body: JsonObject): JsonObject | undefined {
    const { ctx, resource } = this;
    try {
      return ctx.open(body, resource.secrets);
    } catch {
      return undefined;
    }
  }

  /** The only place that creates. The intent is at the server before the request leaves (`docs/architecture.md` §4, the fence). */
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
      return this.result(id, { ownership: 'created', outcome: 'created' }, `created ${id}`);
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
    throw error;
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
      const refused = resource.uniqueKey && input.knowledge.inFlightSince === null;
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
    const { knowledge, node } = input;
    const recorded = { known: knownResource(knowledge), looked: knowledge.looked, unclear: this.unclear };
    return find(resource, client, node, recorded, { signal: ctx.signal });
  }

  private get provisioned(): EnsureInput['knowledge']['provisioned'] {
    return this.ctx.previous?.stands ?? this.input.knowledge.provisioned;
  }

  /** What was written before and is not known leaves nothing beside it: all that this operation made of the object is replaced. */
  private modeFor(): WriteMode {
    const { knowledge, previous } = this.input;
    if (isAdopted(knowledge)) return 'adopted';
    const unknown = previous !== undefined && Object.keys(previous).length === 0;
    return unknown && knowledge.recorded === null ? 'replace' : 'own';
  }

  private result(id: string, found: Provenance, message: string): EnsureResult {
    const landsUntil = this.inFlight || this.writeInFlight ? this.ctx.startedAt + inFlightMs(this.ctx.timing) : 0;
    return {
      externalId: id,
      ...found,
      outputs: { id },
      settle: this.settle,
      inFlightUntil: landsUntil > this.ctx.now() ? new Date(landsUntil).toISOString() : null,
      message,
    };
  }
}

function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, i) => text === b[i]);
}
