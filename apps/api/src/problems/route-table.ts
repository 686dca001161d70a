/** The routes that exist, to tell a wrong method from a wrong address. */
export class RouteTable {
  private readonly routes: { pattern: RegExp; methods: string[] }[] = [];

  /** Adds a route as Fastify names it: `/v1/onboardings/:id`. */
  add(url: string, methods: string | readonly string[]): void {
    const text = url.split('/').map((part) => (part.startsWith(':') ? '[^/]+' : escapeRegExp(part)));
    this.routes.push({ pattern: new RegExp(`^${text.join('/')}/?$`), methods: [methods].flat() });
  }

  /** The methods for which an address exists; none for an unknown address. */
  methodsFor(url: string): string[] {
    const path = url.split('?')[0] ?? '';
    const found = this.routes.filter(({ pattern }) => pattern.test(path)).flatMap(({ methods }) => methods);
    return [...new Set(found)].sort();
  }
}

function escapeRegExp(text: string): string {
  return text === '*' ? '.*' : text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
