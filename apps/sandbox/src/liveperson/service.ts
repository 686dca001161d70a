import type { FastifyInstance } from 'fastify';
import type { Clock } from '../clock.js';
import { isObject, type JsonObject, mergePatch, textOf } from '../json.js';
import {
  type CallTarget,
  ControlError,
  type Vendor,
  type VendorCall,
  type VendorContext,
  type VendorReply,
} from '../vendor.js';
import { answerDomain } from './domain.js';
import { faultReply, LivePersonFault } from './errors.js';
import { LivePersonGate } from './gate.js';
import { Installations } from './installations.js';
import type { LivePersonKnobs } from './knobs.js';
import { locate, type Target } from './locate.js';
import { addPersonRoutes } from './person.js';
import { Sentinel } from './sentinel.js';
import { type AppRecord, type KeptAccount, LivePersonAccount, overwrite, resourceOf } from './store.js';

/** Domain API, login, app installs and Sentinel of a few accounts, as docs/vendors/liveperson.md describes them. */
export class LivePersonVendor implements Vendor {
  readonly #clock: Clock;
  readonly #knobs: () => LivePersonKnobs;
  readonly #gate: LivePersonGate;
  readonly #installations: Installations;
  readonly #sentinel: Sentinel;
  readonly #accounts = new Map<string, LivePersonAccount>();

  constructor({ clock, knobs }: VendorContext<LivePersonKnobs>) {
    this.#clock = clock;
    this.#knobs = knobs;
    this.#gate = new LivePersonGate(clock, knobs);
    this.#installations = new Installations(clock, knobs);
    this.#sentinel = new Sentinel(clock, knobs);
  }

  identify(method: string, path: string): CallTarget {
    const { resource, operation } = locate(method, path);
    return { resource, operation };
  }

  handle(call: VendorCall): VendorReply {
    this.#strikeOff();
    try {
      return this.#serve(call, locate(call.method, call.path));
    } catch (error) {
      if (error instanceof LivePersonFault) return faultReply(error);
      throw error;
    }
  }

  /** Live apps and, for themselves, those that were deleted softly. */
  objects(): Record<'app' | 'deletedApp', JsonObject[]> {
    this.#strikeOff();
    const shown = (isDeleted: boolean): JsonObject[] =>
      [...this.#accounts.values()].flatMap(({ id: accountId, apps }) =>
        [...apps.values()]
          .filter((app) => app.isDeleted === isDeleted)
          .map((app) => ({ accountId, ...resourceOf(app) })),
      );
    return { app: shown(false), deletedApp: shown(true) };
  }

  insert(kind: string, objects: JsonObject[], scope = this.#knobs().accounts[0] ?? ''): string[] {
    checkKind(kind);
    const account = this.#account(scope);
    if (!account)
      throw new ControlError(400, `scope: an account of ${this.#knobs().accounts.join(', ')}; not ${scope}`);
    return objects.map((object) => {
      const id = textOf(object.id);
      if (account.apps.has(id)) throw new ControlError(409, `objects: id ${id} is taken`);
      const app = account.add({}, this.#clock.now(), id === '' ? {} : { id });
      overwrite(app, { enabled: true, ...object });
      return app.id;
    });
  }

  edit(kind: string, id: string, patch: JsonObject): JsonObject {
    const { account, app } = this.#anywhere(kind, id);
    const edited = mergePatch(resourceOf(app), patch);
    overwrite(app, isObject(edited) ? edited : {});
    account.touch();
    return resourceOf(app);
  }

  /** Deletes as LivePerson does: softly. */
  remove(kind: string, id: string): void {
    const { account, app } = this.#anywhere(kind, id);
    app.isDeleted = true;
    account.touch();
  }

  revokeTokens(): number {
    return this.#gate.revoke();
  }

  reset(): void {
    this.#gate.reset();
    this.#accounts.clear();
  }

  keep(): KeptAccount[] {
    return [...this.#accounts.values()].map((account) => account.keep());
  }

  restore(kept: unknown): void {
    this.#accounts.clear();
    for (const account of kept as KeptAccount[]) this.#accounts.set(account.id, LivePersonAccount.of(account));
  }

  addControls(server: FastifyInstance): void {
    addPersonRoutes(server, { installations: this.#installations, account: (id) => this.#account(id) });
  }

  #serve(call: VendorCall, { resource, operation, account: accountId = '', id, version }: Target): VendorReply {
    switch (resource) {
      case 'domain':
        return answerDomain(call, accountId, id, this.#knobs());
      case 'login':
        return this.#gate.login(call, accountId);
      case 'jwks':
        return this.#sentinel.keySet();
      case 'token':
        return this.#sentinel.issueToken(call, this.#account(accountId), version ?? 'v1');
      case 'authorization':
        return this.#sentinel.authorize(call, this.#account(accountId));
      case 'app': {
        this.#gate.enter(call, accountId);
        const account = this.#account(accountId);
        if (account) return this.#installations.serve(call, account, operation, id);
      }
    }
    throw new LivePersonFault(404, `there is nothing at ${call.method} ${call.path}`);
  }

  /** Switches off the apps whose time has come, once each. */
  #strikeOff(): void {
    const { disabledAfterSeconds } = this.#knobs();
    if (disabledAfterSeconds === null) return;
    const latest = this.#clock.now() - disabledAfterSeconds * 1000;
    for (const account of this.#accounts.values()) {
      for (const app of account.apps.values()) {
        if (app.isStruckOff || app.isDeleted || app.createdAt > latest) continue;
        app.isStruckOff = true;
        app.fields = { ...app.fields, enabled: false };
        account.touch();
      }
    }
  }

  #account(id: string): LivePersonAccount | undefined {
    if (!this.#knobs().accounts.includes(id)) return undefined;
    let account = this.#accounts.get(id);
    if (!account) this.#accounts.set(id, (account = new LivePersonAccount(id)));
    return account;
  }

  #anywhere(kind: string, id: string): { account: LivePersonAccount; app: AppRecord } {
    checkKind(kind);
    for (const account of this.#accounts.values()) {
      const app = account.find(id);
      if (app) return { account, app };
    }
    throw new ControlError(404, `no app ${id} at liveperson`);
  }
}

function checkKind(kind: string): void {
  if (kind !== 'app') throw new ControlError(400, `kind: LivePerson has app; not ${kind}`);
}
