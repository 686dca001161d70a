import type { FastifyInstance } from 'fastify';

/** What the router looks up at all; it calls anything else a bad address, which `findRoute` does not tell from a good one. */
const ROUTABLE = /^(?:\/|https?:\/\/)/i;

/** Tells for which methods an address exists, to tell a wrong method from a wrong address. Asks the router itself, which decodes. */
export class AllowedMethods {
  constructor(private readonly router: Pick<FastifyInstance, 'findRoute' | 'supportedMethods'>) {}

  /** Returns the methods in alphabetical order; none for an unknown address. */
  of(url: string): string[] {
    if (!ROUTABLE.test(url)) return [];
    return this.router.supportedMethods.filter((method) => this.exists(method, url)).sort();
  }

  private exists(method: string, url: string): boolean {
    const found = this.router.findRoute({ method, url }) as { params: Record<string, string> } | null;
    // A parameter that is empty leads nowhere.
    return found !== null && Object.values(found.params).every((value) => value !== '');
  }
}
