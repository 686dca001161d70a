import { urlTextFault } from '#libs/text/url-faults.js';
import { Faults } from './faults.js';

/** Typed reading of variables. What is wrong is gathered in `faults`, and a default stands in so that reading goes on. */
export class Environment {
  readonly faults = new Faults();

  constructor(readonly variables: NodeJS.ProcessEnv) {}

  /** The variable's text; undefined when it is not set. An empty one counts as not set. */
  text(name: string): string | undefined {
    const value = this.variables[name];
    return value === undefined || value === '' ? undefined : value;
  }

  /** A text that fits a pattern; `what` completes "must be ...". */
  matching(name: string, pattern: RegExp, what: string): string | undefined {
    const value = this.text(name);
    if (value === undefined || pattern.test(value)) return value;
    this.faults.add(name, `must be ${what}`);
    return undefined;
  }

  oneOf<T extends string>(name: string, values: readonly T[], otherwise: T): T {
    const text = this.text(name);
    const value = values.find((known) => known === text);
    if (text !== undefined && value === undefined) this.faults.add(name, `must be one of ${values.join(', ')}`);
    return value ?? otherwise;
  }

  /** `true` or `1`, `false` or `0`. */
  flag(name: string, otherwise: boolean): boolean {
    const text = this.text(name)?.toLowerCase();
    if (text === undefined) return otherwise;
    if (text === 'true' || text === '1') return true;
    if (text !== 'false' && text !== '0') this.faults.add(name, 'must be true or false');
    return false;
  }

  port(name: string, otherwise: number): number;
  port(name: string): number | undefined;
  port(name: string, otherwise?: number): number | undefined {
    const text = this.text(name);
    if (text === undefined) return otherwise;
    const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
    if (port >= 1 && port <= 65_535) return port;
    this.faults.add(name, 'must be a port, a number from 1 to 65535');
    return otherwise;
  }

  /** Comma-separated texts, trimmed; undefined when the variable is not set. */
  list(name: string): string[] | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const items = text.split(',').map((item) => item.trim());
    if (items.every((item) => item !== '')) return items;
    this.faults.add(name, 'must be a list separated by commas, without empty items');
    return undefined;
  }

  /** An http(s) address without a slash at its end, undefined when it is not set or wrong. */
  url(name: string): string | undefined {
    return this.checkUrl(name, this.text(name));
  }

  /** Comma-separated http(s) addresses. */
  urls(name: string): string[] | undefined {
    return this.list(name)
      ?.map((item) => this.checkUrl(name, item))
      .filter((item) => item !== undefined);
  }

  private checkUrl(name: string, text: string | undefined): string | undefined {
    if (text === undefined) return undefined;
    const url = urlTextFault(text) === undefined ? new URL(text) : undefined;
    if (url === undefined || url.username !== '' || url.search + url.hash !== '') {
      this.faults.add(name, 'must be an address like https://gangway.example.com, without user, query or fragment');
      return undefined;
    }
    return text.replace(/\/+$/, '');
  }
}
