import {
  blockedReason,
  type ForeseeInput,
  type ForeseenRemoval,
  type ForeseeResult,
  type OwnedResource,
  type RemoveInput,
} from '#libs/contracts/index.js';
import { expandTexts } from '#libs/planning/index.js';
import type { ReadOptions, Resource, SeenObject } from './contract.js';
import { Lists } from './lists.js';
import type { ResourceLookup } from './look.js';
import { describeReferrers, isSettled, restoring, staying, targetsIn, unknownFormer } from './remove.js';
import { shownDifferences } from './shown.js';

/**
 * Says what `remove` would do with some nodes, one after the other: the same functions decide. What goes before counts as gone. Writes
 * nothing.
 * @throws VendorError when the vendor did not answer
 */
export async function foresee<C>(
  resources: ResourceLookup<C>,
  client: C,
  input: ForeseeInput,
  options: ReadOptions,
): Promise<ForeseeResult> {
  const foreseeing = new Foreseeing(client, options, input.whole);
  const removals: ForeseenRemoval[] = [];
  for (const each of input.removals) {
    const node = { ...each.node, body: expandTexts(each.node.body, input.texts) };
    removals.push(...(await foreseeing.of(resources(node.resource), { ...each, node })));
  }
  return { removals };
}

class Foreseeing<C> {
  private readonly lists: Lists<C>;
  /** Ids of what goes before. */
  private readonly gone = new Set<string>();
  /** Nodes of which something would be left over: what they need must stay. */
  private readonly left: RemoveInput['node'][] = [];

  constructor(
    private readonly client: C,
    private readonly options: ReadOptions,
    private readonly whole: boolean,
  ) {
    this.lists = new Lists(client, options);
  }

  async of(resource: Resource<C>, input: RemoveInput): Promise<ForeseenRemoval[]> {
    const { node } = input;
    const found = await this.removalOf(resource, input);
    for (const { action, externalId } of found)
      if (action === 'remove' && externalId !== null) this.gone.add(externalId);
    if (found.some(({ leftover }) => leftover)) this.left.push(node);
    return found;
  }

  private async removalOf(resource: Resource<C>, input: RemoveInput): Promise<ForeseenRemoval[]> {
    const { node } = input;
    const { recorded } = input.knowledge;
    const id = recorded?.externalId ?? null;
    const scope = resource.exists ? resource.scope(node.body) : null;
    if (scope === null) return [this.none(input, 'what would hold it does not stand')];
    const blocking = this.left.find(({ needs }) => needs.includes(node.key));
    if (blocking) return [this.kept(input, id, blockedReason(blocking.title), true)];
    const list = this.whole || !isSettled(input) ? await this.lists.of(resource, scope) : [];
    const targets = await targetsIn(resource, this.client, this.options, input, list);
    const found: ForeseenRemoval[] = [];
    for (const seen of targets) found.push(await this.target(resource, input, seen));
    const back = await restoring(resource, this.client, this.options, input, list);
    if (back && 'unknown' in back) found.push(this.kept(input, back.unknown, unknownFormer(back.unknown), true));
    else if (back) {
      const reason = 'was taken over: its former state is put back, and it stays';
      const changes = shownDifferences(back.changes);
      found.push({ ...this.kept(input, back.seen.id, reason, false), action: 'restore', changes });
    }
    const stays = staying(input);
    if (found.length > 0) return found;
    return [stays ? await this.stays(resource, input, stays) : this.none(input, 'nothing of it stands any more')];
  }

  private async target(resource: Resource<C>, input: RemoveInput, seen: SeenObject): Promise<ForeseenRemoval> {
    const all = (await resource.referrers?.(this.client, seen.id, this.options)) ?? [];
    const referrers = all.filter(({ externalId }) => !this.gone.has(externalId));
    if (referrers.length > 0) {
      const others = describeReferrers(referrers);
      const reason = resource.shared ? `stays: ${others}` : `cannot be removed: ${others}`;
      return this.kept(input, seen.id, reason, !resource.shared);
    }
    const recorded = input.knowledge.recorded?.externalId === seen.id;
    const reason = recorded ? 'was made by the account' : 'carries the marker of the account, and is not recorded';
    return { ...this.kept(input, seen.id, reason, false), action: 'remove' };
  }

  private async stays(
    resource: Resource<C>,
    input: RemoveInput,
    { ownership, externalId }: Pick<OwnedResource, 'ownership' | 'externalId'>,
  ): Promise<ForeseenRemoval> {
    if (ownership === 'shared') return this.kept(input, externalId, 'is shared with others, and stays', false);
    if (ownership === 'created') return this.kept(input, externalId, 'stood before, and stays', false);
    const stands = await resource.get(this.client, externalId, this.options);
    if (!stands) return this.none(input, 'was taken over, and does not stand any more');
    return this.kept(input, externalId, 'was taken over, and stands as it did before: it stays', false);
  }

  private kept(input: RemoveInput, externalId: string | null, reason: string, leftover: boolean): ForeseenRemoval {
    return { key: input.node.key, externalId, action: 'keep', reason, changes: [], leftover };
  }

  private none(input: RemoveInput, reason: string): ForeseenRemoval {
    return { ...this.kept(input, null, reason, false), action: 'none' };
  }
}
