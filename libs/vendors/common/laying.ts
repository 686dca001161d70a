import { isJsonObject, type JsonObject, type JsonValue } from '#libs/contracts/index.js';
import { parseRef } from '#libs/planning/index.js';
import { writesOwn, writesWhole, type Desired } from '#libs/resources/contract.js';
import { below, itemsOf, memberOf, nameOf, takeNamed, type FieldRules } from './field-rules.js';

/** One value in each of the bodies that decide a write; undefined where a body does not name it. */
interface Versions {
  wanted: JsonValue | undefined;
  previous: JsonValue | undefined;
  former: JsonValue | undefined;
  read: JsonValue | undefined;
}

/** A way into the versions of a value: to a field or to an item. */
type Step = (value: JsonValue | undefined) => JsonValue | undefined;

/**
 * The body that is to stand where `read` stands: wanted values; in place of what was written before and is named no more, its former
 * value at an adopted object, else nothing, which is the vendor's default; everything else as it was read.
 * @returns a new body; secrets are those of `desired` where they are ours, else those of `read`
 */
export function layOver(desired: Desired, read: JsonObject, rules: FieldRules): JsonObject {
  return new Laying(desired, rules, false).body(desired, read);
}

/** The same to be compared with `read`: what is written as one value keeps in it what nobody names, so that this is no difference. */
export function layToCompare(desired: Desired, read: JsonObject, rules: FieldRules): JsonObject {
  return new Laying(desired, rules, true).body(desired, read);
}

class Laying {
  private readonly adopted: boolean;
  private readonly whole: boolean;
  private readonly formerKnown: boolean;

  constructor(
    { mode, former }: Desired,
    private readonly rules: FieldRules,
    private readonly comparing: boolean,
  ) {
    this.adopted = mode === 'adopted';
    this.whole = writesWhole(mode);
    this.formerKnown = this.adopted && former !== undefined;
  }

  body({ body, mode, previous, former }: Desired, read: JsonObject): JsonObject {
    const known = this.whole ? { previous: undefined, former: undefined } : { previous, former };
    const versions = { wanted: body, read, ...known, ...(this.adopted ? {} : { former: undefined }) };
    return this.object(versions, '', writesOwn(mode));
  }

  private value(versions: Versions, pattern: string, ours: boolean): JsonValue | undefined {
    if (!ours && this.rules.secrets.includes(pattern)) return versions.read;
    if (versions.wanted !== undefined) return this.wanted(versions.wanted, versions, pattern, ours);
    if (this.whole) return undefined;
    return versions.previous === undefined ? versions.read : this.dropped(versions, pattern, ours);
  }

  private wanted(wanted: JsonValue, versions: Versions, pattern: string, ours: boolean): JsonValue {
    const { read } = versions;
    const absent = read === undefined || read === null;
    if (isJsonObject(wanted) && (absent || isJsonObject(read)) && parseRef(wanted) === undefined) {
      const replaced = !this.comparing && (this.rules.replaced ?? []).includes(pattern);
      return replaced ? wanted : this.object(versions, pattern, ours || absent);
    }
    if (!Array.isArray(wanted) || !(absent || Array.isArray(read))) return wanted;
    const by = this.rules.sets[pattern];
    if (typeof by === 'string') return this.namedSet(by, versions, pattern, ours || absent);
    if (by === null || !this.comparing || wanted.length !== itemsOf(read).length) return wanted;
    return wanted.map((item, n) => {
      const at = step(versions, (value) => (Array.isArray(value) ? value[n] : undefined));
      return this.value(at, `${pattern}[]`, ours) ?? item;
    });
  }

  /** What was written before and is wanted no more. */
  private dropped(versions: Versions, pattern: string, ours: boolean): JsonValue | undefined {
    const { previous, former, read } = versions;
    const by = this.rules.sets[pattern];
    if (this.adopted && typeof by === 'string' && Array.isArray(read)) {
      const left = this.namedSet(by, versions, pattern, ours);
      return left.length === 0 && former === undefined ? undefined : left;
    }
    const complete = [...(this.rules.units ?? []), ...(this.rules.replaced ?? [])].includes(pattern);
    if (!complete && isJsonObject(previous) && isJsonObject(read)) {
      const left = this.object(versions, pattern, ours);
      return former === undefined && this.isNothing(left, pattern) ? undefined : left;
    }
    return former === undefined ? undefined : this.putBack(former, read, pattern);
  }

  private object(versions: Versions, pattern: string, ours: boolean): JsonObject {
    const { wanted, previous, read } = versions;
    const names = new Set([wanted, read, previous].flatMap((each) => (isJsonObject(each) ? Object.keys(each) : [])));
    const fields = [...names].flatMap((name): [string, JsonValue][] => {
      const at = step(versions, (value) => memberOf(value, name));
      const laid = this.value(at, below(pattern, name), this.oursIn(versions, ours));
      return laid === undefined ? [] : [[name, laid]];
    });
    return Object.fromEntries(fields);
  }

  /**
   * Items of a named set are laid over their counterparts, so that a field that nobody names is not lost. Only at an adopted object
   * may items stand that are not wanted: those that nobody named, and those that stood before it was taken over.
   */
  private namedSet(by: string, versions: Versions, pattern: string, ours: boolean): JsonValue[] {
    const { wanted, previous, former, read } = versions;
    const rest = itemsOf(read);
    const isWanted = (name: string): boolean => itemsOf(wanted).some((item) => nameOf(item, by) === name);
    const named = (value: JsonValue | undefined, name: string): JsonValue | undefined =>
      itemsOf(value).find((item) => nameOf(item, by) === name);
    const versionsOf = (name: string, item: JsonValue | undefined, standing: JsonValue | undefined): Versions => ({
      wanted: item,
      previous: named(previous, name),
      former: named(former, name),
      read: standing,
    });
    const lay = (each: Versions): JsonValue | undefined => this.value(each, `${pattern}[]`, this.oursIn(each, ours));
    const laid = itemsOf(wanted).map((item) => {
      const name = nameOf(item, by);
      return lay(versionsOf(name, item, takeNamed(rest, item, by))) ?? item;
    });
    if (!this.adopted) return laid;
    const others = rest.flatMap((item) => {
      const each = versionsOf(nameOf(item, by), undefined, item);
      return each.previous !== undefined && each.former === undefined ? [] : (lay(each) ?? []);
    });
    // One that was taken away meanwhile comes back, but not without its secret, which nobody has.
    const missing = itemsOf(previous).flatMap((item) => {
      const name = nameOf(item, by);
      const stood = named(former, name);
      if (stood === undefined || isWanted(name) || this.holdsSecrets(pattern)) return [];
      return named(read, name) === undefined ? [stood] : [];
    });
    return [...laid, ...others, ...missing];
  }

  /** A former value, with the secrets that stand. */
  private putBack(former: JsonValue, read: JsonValue | undefined, pattern: string): JsonValue | undefined {
    const back = new Laying({ body: {}, mode: 'restore' }, this.rules, this.comparing);
    return back.value({ wanted: former, previous: undefined, former: undefined, read }, pattern, false);
  }

  /** What an adopted object did not have before it was taken over is ours, with its secrets. */
  private oursIn({ former }: Versions, ours: boolean): boolean {
    return ours || (this.formerKnown && former === undefined);
  }

  private holdsSecrets(pattern: string): boolean {
    return this.rules.secrets.some((path) => path.startsWith(`${pattern}[].`));
  }

  /** Whether a value says no more than its absence: documented defaults alone. */
  private isNothing(value: JsonValue, pattern: string): boolean {
    if (value === null || value === this.rules.defaults[pattern]) return true;
    if (Array.isArray(value)) return value.length === 0;
    if (!isJsonObject(value)) return false;
    return Object.entries(value).every(([name, item]) => this.isNothing(item, below(pattern, name)));
  }
}

function step({ wanted, previous, former, read }: Versions, into: Step): Versions {
  return { wanted: into(wanted), previous: into(previous), former: into(former), read: into(read) };
}
