import type { Difference, DriftKind, FleetStop, StopLimits } from '#libs/contracts/index.js';

/** What a rule says: it names no connection, since it knows one only. */
export type Stop = Omit<FleetStop, 'connection'>;

/** A confirmed difference, as the rules count it. */
export interface Finding {
  kind: DriftKind;
  resource: string;
  fields: readonly Pick<Difference, 'path'>[];
}

/** How many accounts and objects of a connection a run is about. */
export interface Judged {
  /** `{vendor}/{name}`, for the sentences. */
  connection: string;
  /** Accounts in scope that record something there; those with a cap do not count. */
  accounts: number;
  /** Whether any account at all records something there, in scope or not. */
  anyAccount: boolean;
  limits: StopLimits;
}

/**
 * The rules by which a run stops instead of going on: so much at once is rarely the drift of single accounts. Told of each confirmed
 * finding, and says so as soon as a rule is certain; it stays with the first.
 */
export class Judgement {
  stop: Stop | null = null;
  private drifted = 0;
  private orphans = 0;
  private readonly byField = new Map<string, number>();
  private readonly missing = new Map<string, { accounts: number }>();

  constructor(private readonly judged: Judged) {}

  /** Takes in what differs of one account. `standing`: of these kinds recorded objects were seen to stand. */
  account(findings: readonly Finding[], standing: (resource: string) => boolean): void {
    if (findings.length === 0) return;
    this.drifted++;
    for (const field of fieldsOf(findings)) this.byField.set(field, (this.byField.get(field) ?? 0) + 1);
    const gone = new Set(findings.filter(({ kind }) => kind === 'missing').map(({ resource }) => resource));
    for (const resource of gone) {
      const known = this.missing.get(resource) ?? { accounts: 0 };
      this.missing.set(resource, { accounts: known.accounts + 1 });
    }
    this.stop ??= this.sameField() ?? this.share(standing) ?? null;
  }

  /** Takes in a confirmed orphan. `marked`: objects with a marker of this installation that were listed. */
  orphan(marked: number): void {
    this.orphans++;
    this.stop ??= this.noAccounts() ?? this.tooManyOrphans(marked) ?? null;
  }

  /** What only shows once all suspects have been looked at. */
  end(standing: (resource: string) => boolean): Stop | null {
    this.stop ??= this.emptied(standing);
    return this.stop;
  }

  private share(standing: (resource: string) => boolean): Stop | undefined {
    const { accounts, connection, limits } = this.judged;
    if (this.drifted < limits.count || this.drifted <= limits.share * accounts) return undefined;
    const emptied = this.emptied(standing);
    if (emptied) return emptied;
    return {
      rule: 'share',
      detail:
        `${String(this.drifted)} of ${String(accounts)} accounts on ${connection} differ or more, above ${percent(limits.share)}. Something has ` +
        'changed for all of them: a setting of the vendor, a script, wrong credentials. Nothing was written. Look at some of them; if they ' +
        'shall be repaired, start a run with a larger stopShare or stopCount.',
    };
  }

  private sameField(): Stop | undefined {
    const { connection, limits } = this.judged;
    const [field, accounts] = [...this.byField].find(([, count]) => count >= limits.count) ?? [];
    if (field === undefined || accounts === undefined) return undefined;
    return {
      rule: 'same-field',
      detail:
        `${String(accounts)} accounts on ${connection} or more differ in the same field, ${field}. That is rather a new default of the vendor, or a ` +
        'change made on purpose, than drift. Nothing was written. If the change is right, amend the specifications or list the field under ' +
        'ignoreDrift; if it is not, start a run with a larger stopCount.',
    };
  }

  private emptied(standing: (resource: string) => boolean): Stop | null {
    const { connection } = this.judged;
    const found = [...this.missing].find(([resource, { accounts }]) => accounts >= 2 && !standing(resource));
    if (!found) return null;
    const [resource, { accounts }] = found;
    return {
      rule: 'emptied',
      detail:
        `None of the recorded objects of kind ${resource} of ${String(accounts)} accounts stands on ${connection}. The list may be ` +
        'answered for another tenant or project, or somebody has emptied it. Nothing was written. Check the credentials and the address ' +
        'of the connection at the vendor; if the objects are really gone, repair the accounts one by one.',
    };
  }

  private noAccounts(): Stop | undefined {
    const { anyAccount, connection } = this.judged;
    if (anyAccount) return undefined;
    return {
      rule: 'no-accounts',
      detail:
        `Objects on ${connection} carry the marker of this installation, and no account at all is recorded for it. That is what a lost or restored ` +
        'Temporal database looks like. Nothing was removed. Check TEMPORAL_NAMESPACE and the database before anything else; if the accounts ' +
        'were really taken off, remove the objects by hand.',
    };
  }

  private tooManyOrphans(marked: number): Stop | undefined {
    const { connection, limits } = this.judged;
    if (this.orphans < limits.orphanCount || this.orphans <= limits.orphanShare * marked) return undefined;
    return {
      rule: 'orphans',
      detail:
        `${String(this.orphans)} of ${String(marked)} objects on ${connection} that carry the marker of this installation or more belong to no account, above ` +
        `${percent(limits.orphanShare)}. Accounts may have been lost. Nothing was removed. Compare the list of accounts with what should be ` +
        'there; what really has no account is removed by hand.',
    };
  }
}

/** Each field once, with its resource; items of arrays alike. */
function fieldsOf(findings: readonly Finding[]): Set<string> {
  return new Set(
    findings.flatMap(({ resource, fields }) =>
      fields.map(({ path }) => `${resource} ${path.replaceAll(/\[\d+\]/g, '[]')}`),
    ),
  );
}

function percent(share: number): string {
  return `${String(Math.round(share * 1_000) / 10)} %`;
}
