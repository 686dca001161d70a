import { NAME_BYTES, type AccountState, type ConnectionRef, type FleetScope } from '#libs/contracts/index.js';
import {
  marksOf,
  readAccountState,
  readRegistry,
  workflowIdOf,
  type RegistryAccess,
  type RegistryAccount,
} from '#libs/registry/index.js';
import { PROJECTION_VERSION, traceOf, type Resource } from '#libs/resources/index.js';
import { Join } from './join.js';
import { recordedOn } from './recorded.js';
import { accountInScope } from './scope.js';

/** States kept at a time: pages come with objects of many accounts, one after the other. */
const STATES_KEPT = 100;

/** What to read the registry for. */
export interface ClaimsOptions {
  access: RegistryAccess;
  connection: ConnectionRef;
  resources: readonly Resource<never>[];
  installation: string;
  /** Hash of the account at the vendor that the connection reaches. */
  place: string;
  scope: FleetScope;
  only: readonly string[] | null;
  startedAt: string;
}

/** An account that records something on the connection. */
export interface Claimant {
  account: RegistryAccount;
  /** Whether it is compared: in scope, live, not capped, its objects in this account of the vendor. */
  compared: boolean;
}

/** Who records what on a connection, read before any list. */
export class Claims {
  readonly claimants: Claimant[] = [];
  /** Ids of accounts in scope whose objects were made in another account of the vendor. */
  readonly elsewhere: string[] = [];
  /** Ids of accounts that cannot be decoded: what carries their marker may be recorded, so nothing is said of it. */
  readonly unknown = new Set<string>();
  /** Accounts in scope that record something there, capped ones aside. */
  inScope = 0;
  readonly join: Join;
  private readonly states = new Map<string, AccountState>();

  constructor(private readonly options: ClaimsOptions) {
    this.join = new Join(options.installation);
  }

  /** Reads the registry. @throws whatever Temporal answers */
  async read(): Promise<void> {
    const { access, startedAt } = this.options;
    for await (const account of readRegistry(access, startedAt)) await this.add(account);
  }

  /** The state that an account's run began with. */
  async stateOf({ id, runId }: Pick<RegistryAccount, 'id' | 'runId'>): Promise<AccountState> {
    const known = this.states.get(runId);
    if (known) return known;
    const state = await readAccountState(this.options.access, { workflowId: workflowIdOf(id), runId });
    this.states.set(runId, state);
    for (const oldest of this.states.keys()) {
      if (this.states.size <= STATES_KEPT) break;
      this.states.delete(oldest);
    }
    return state;
  }

  private async add(account: RegistryAccount): Promise<void> {
    if (account.status === 'unreadable') {
      this.unknown.add(account.id); // counted as the run began
      return;
    }
    const { scope, only, place } = this.options;
    const here = await this.marksHere(account);
    if (!here) return;
    const owner = this.claimants.length;
    const wanted = accountInScope(scope, account) && (only === null || only.includes(account.id));
    const looked = wanted && account.status === 'live' && account.cap !== 'off';
    const isElsewhere = here.place !== '' && here.place !== place;
    if (looked && isElsewhere) this.elsewhere.push(account.id);
    if (looked) this.inScope++;
    this.claimants.push({ account: { ...account, connections: null }, compared: looked && !isElsewhere });
    for (const mark of here.marks) this.join.table.add(mark, owner);
  }

  /** Undefined for an account that records nothing here. */
  private async marksHere(account: RegistryAccount): Promise<{ place: string; marks: Buffer[] } | undefined> {
    const { connection } = this.options;
    if (account.connections === null) return this.marksByState(account);
    const here = account.connections.find(({ name }) => name === `${connection.vendor}/${connection.name}`);
    if (!here) return undefined;
    const marks = marksOf(here.marks);
    // A fingerprint of another projection is of no use; the name of the object holds.
    if (account.version !== PROJECTION_VERSION) for (const mark of marks) mark.fill(0, NAME_BYTES);
    return { place: here.place, marks };
  }

  private async marksByState(account: RegistryAccount): Promise<{ place: string; marks: Buffer[] } | undefined> {
    const { connection, resources } = this.options;
    const state = await this.stateOf(account);
    const nodes = recordedOn(state, connection);
    if (nodes.length === 0) return undefined;
    const marks = nodes.flatMap(({ node, recorded }) => {
      const resource = resources.find(({ name }) => name === recorded.resource);
      const trace = resource && traceOf(resource, recorded.externalId, node.body);
      return trace ? marksOf(trace.mark) : [];
    });
    const [place = ''] = nodes.flatMap(({ recorded }) => recorded.trace?.place ?? []);
    return { place, marks };
  }
}
