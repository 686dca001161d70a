import type { JsonObject } from '#libs/contracts/index.js';
import type { ReadOptions, Resource, SeenObject } from './contract.js';

/** The lists of one look or inspection: each is read once. */
export class Lists<C> {
  private readonly read = new Map<string, Promise<SeenObject[]>>();

  constructor(
    private readonly client: C,
    private readonly options: ReadOptions,
  ) {}

  of(resource: Resource<C>, scope: string | undefined): Promise<SeenObject[]> {
    const id = `${resource.name} ${scope ?? ''}`;
    const known = this.read.get(id);
    if (known) return known;
    const list = resource.list(this.client, scope, this.options);
    this.read.set(id, list);
    return list;
  }

  async prefetch(resource: Resource<C>, body: JsonObject): Promise<void> {
    if (!resource.exists) return;
    const scope = resource.scope(body);
    if (scope !== null) await this.of(resource, scope);
  }
}
