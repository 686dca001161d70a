import { expect } from 'vitest';
import type { JsonObject, OnboardingSpec } from '#libs/contracts/index.js';
import { connectorManifest, livepersonTextSpec } from '#test/factories/index.js';
import type { TestTemporal } from '#test/global-setup.js';
import { document, startApi, type Answer, type ApiUnderTest } from './api.js';
import { startEngine, type Engine } from './engine.js';
import { personOver, type Person } from './person.js';

/** Jobs that install LivePerson manifests, one account at a time, through a running API and with a person at hand. */
export class Installs {
  #count = 0;

  private constructor(
    readonly engine: Engine,
    readonly api: ApiUnderTest,
    readonly person: Person,
    private readonly name: string,
  ) {}

  /** Without a worker; `name` begins the tenants of this test file. */
  static async over(temporal: TestTemporal, name: string): Promise<Installs> {
    const secrets = { GANGWAY_SECRET_X: ['*'] };
    const engine = await startEngine(temporal, { liveperson: true, secrets, worker: false, giveUpAfterMs: 500 });
    const api = await startApi(engine);
    return new Installs(engine, api, personOver(engine, api), name);
  }

  async close(): Promise<void> {
    await this.api.close();
    await this.engine.stop();
  }

  /** Goes on to another account, with the vendor as new. */
  next(): void {
    this.engine.sandbox.reset();
    this.#count += 1;
  }

  /** Of the account that is on. */
  get id(): string {
    return `${this.#tenant}.lp`;
  }

  get #tenant(): string {
    return `${this.name}${String(this.#count)}`;
  }

  spec(connection: string, change: Partial<OnboardingSpec> = {}): JsonObject {
    const base = livepersonTextSpec({ tenant: this.#tenant, connections: { liveperson: connection }, ...change });
    return document(this.engine, base);
  }

  async start(connection: string, change: Partial<OnboardingSpec> = {}): Promise<void> {
    const { status, body } = await this.api.start(this.spec(connection, change));
    expect(status, JSON.stringify(body)).toBe(202);
  }

  command(verb: string, body: JsonObject = {}): Promise<Answer> {
    return this.api.call('POST', `/v1/onboardings/${this.id}/${verb}`, {
      body: { reason: 'the test wants it', ...body },
    });
  }

  /** Apps of the manifest's name. */
  namesakes(): JsonObject[] {
    const apps = this.engine.sandbox.state({ ledger: false }).objects['liveperson']?.['app'] ?? [];
    return apps.filter((app) => app['client_name'] === connectorManifest()['client_name']);
  }
}
