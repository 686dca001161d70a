import type { Difference, HandoffKind, JsonObject, Marker, Vendor, VerificationLevel } from '#libs/contracts/index.js';
import type { ObserveCall } from '#libs/http/call-observer.js';
import type { Pages } from '#libs/readings/listing.js';
import type { ReadingMeter } from '#libs/readings/meter.js';
import type { Question } from '#libs/readings/question.js';

/** An object as it was read from a vendor: our own form, past the vendor's schema. */
export interface SeenObject {
  /** The vendor's id, never used twice. */
  id: string;
  /** Its natural key, as `Resource.key` would give it for a body. */
  key: string;
  /** Our marker where the object carries one; undefined for everybody else's. */
  marker: Marker | undefined;
  /** Sorts objects of one kind by age, oldest first, compared as text (a creation time, a ULID). */
  age: string;
  /** The fields as read, without secrets where the vendor hides them. */
  body: JsonObject;
  /** Of a listed object, what it refers to, as `<resource>/<id>`. Absent: nothing, or it was not listed. */
  refs?: readonly string[];
  /** A sentence when the vendor itself says that the object does not do what it is for. Absent: it says nothing of the kind. */
  trouble?: string;
}

/** Something that still refers to an object. */
export interface Referrer {
  resource: string;
  externalId: string;
  name: string;
}

/** What a readiness check found. `failed` is for good. */
export type Readiness =
  { state: 'ready' } | { state: 'waiting'; message: string } | { state: 'failed'; message: string };

/**
 * Whether an object does what it is for. waiting: the vendor may not know it yet; it is asked again until the window has passed
 * (`verifyWithinMs`). `failed` is for good.
 */
export type Verification =
  | { state: 'ready'; level: VerificationLevel; message: string }
  | { state: 'waiting'; message: string }
  | { state: 'failed'; message: string };

/** What a vendor issued for an object, by name, in clear. It leaves the activity sealed only. */
export interface IssuedValues {
  [name: string]: string;
}

/** What a person was asked for and answered; secrets in clear. */
export interface PersonTask {
  kind: HandoffKind;
  body: JsonObject;
  /** What was handed back, whose form is right; null when the task is only said to be done. */
  given: IssuedValues | null;
  /** What is recorded of the object; null: nothing. */
  known: { id: string; issued: IssuedValues } | null;
}

/** Whether an answer is right. `refused` says to the person why it is not. */
export type PersonCheck =
  { state: 'accepted'; id: string; level: VerificationLevel; message: string } | { state: 'refused'; message: string };

/**
 * How a person does for the engine what the vendor has no API for, or does not let us do. Whether one is asked, what for, whom and by
 * when stands in the plan (`PlanNode.person`).
 */
export interface PersonAbility<C> {
  /** The exact text of the file that the person works from; the body's secrets are in clear. */
  file(body: JsonObject): string;
  /** Names of what the person hands back, as an answer has them. */
  returns: readonly string[];
  /** Asks the vendor about an answer, once: an attempt of Temporal's retries only where the vendor did not say. */
  check(client: C, task: PersonTask, options: ReadOptions): Promise<PersonCheck>;
}

/**
 * Why a body is written: as ours; as ours and as all there is to it (`replace`: nobody knows what was written before, so whatever the
 * body does not name goes); over an adopted object (its secrets and marker stay); or to put an adopted one's former body back.
 */
export type WriteMode = 'own' | 'replace' | 'adopted' | 'restore';

/** Whether secrets and marker of what is written are ours. */
export function writesOwn(mode: WriteMode): boolean {
  return mode === 'own' || mode === 'replace';
}

/** Whether fields that the body does not name go. */
export function writesWhole(mode: WriteMode): boolean {
  return mode === 'replace' || mode === 'restore';
}

/**
 * What a write is to bring about, and from where: wanted values are written, what was written before and is wanted no more is taken
 * back, and what nobody names stays as it was read. In an update secrets are in clear in every body that has them.
 */
export interface Desired {
  body: JsonObject;
  mode: WriteMode;
  /**
   * The body that was written before, secrets included: what it names and `body` does not goes back to the vendor's documented
   * default, at an adopted object to the value in `former`. A secret that it lacks, or has otherwise, is written. Absent: nothing is
   * taken back. Of no meaning where the mode writes the whole.
   */
  previous?: JsonObject;
  /** Of an adopted object: its body before it was first taken over, as `Resource.former` gave it. */
  former?: JsonObject;
}

/** What a path names in the bodies of a resource: a documented field, or an object that holds one; a secret; nothing. */
export type PathKind = 'field' | 'secret' | 'none';

/**
 * Options of a read: what ends it, and for one that needs a whole list how fresh it must be and who is told how far it is. Only reads
 * get the cancellation signal: a write is never aborted by us.
 */
export interface ReadOptions extends Question {
  signal?: AbortSignal;
}

/** The calls of a list that is read page by page and not kept. */
export interface ScanPages extends Pages {
  /** Ids of the objects of a kind of the same connection that were listed before and that somebody records. */
  claimed(resource: string): readonly string[];
}

/**
 * What the engine can do with one kind of object at a vendor. `ensure`, `remove`, `observe` and `settle` are written once over this
 * contract; undo is derived from it. Every method makes one attempt, with the connection's deadline, and throws `VendorError`;
 * nothing is retried inside. `C` is the vendor's client.
 */
export interface Resource<C> {
  vendor: Vendor;
  /** `channel`: the same word in activity types, plans and fault rules. */
  name: string;
  /** True when the vendor refuses a second object with the same natural key. */
  uniqueKey: boolean;
  /** True for objects that several accounts use: a found one is used and never changed. */
  shared: boolean;
  /** Whether the object carries our marker; where not, ours is what the job's look did not see. */
  marked: boolean;
  /** False for a node that is no object of its own but a condition on one (`ready`): nothing to find, create or remove. */
  exists: boolean;
  /** Paths of secret fields in a body: dots, and `[]` for each item of an array: `roles[].headers[].value`. */
  secrets: readonly string[];
  /** Natural key of a desired body. Compared exactly, after the vendor's own folding of case. */
  key(body: JsonObject): string;
  /** Id of the object whose list holds this one (a webhook's app); undefined where one list holds all, null while it is not known. */
  scope(body: JsonObject): string | undefined | null;
  /**
   * Returns everything that stood from the first call of a reading to its last; others may be among it. The reading is shared with
   * whoever else asks (`libs/readings`). `VendorError` `CANNOT_ENUMERATE`: a list that cannot be read to its end is not an answer.
   */
  list(client: C, scope: string | undefined, options: ReadOptions): Promise<SeenObject[]>;
  /**
   * What of a body counts when it is compared with another, secrets, marker, server's fields and documented defaults left out, sets in
   * one order: of a desired body and a seen one alike. Equal projections imply an empty `diff`. Absent: no list shows the whole object.
   */
  projection?(body: JsonObject): JsonObject;
  /**
   * The list from its beginning to its end, some objects at a time, for one who keeps none of them. It promises the end and nothing
   * else: what shifts while it is read may be missing. Absent: nothing of it can be listed.
   * @throws VendorError when the end cannot be reached
   */
  pages?(client: C, pages: ScanPages): AsyncIterable<readonly SeenObject[]>;
  /** One object by id; null when the vendor says that it is not there (404). A 401 or 403 is an error, never "not there". */
  get(client: C, id: string, options: ReadOptions): Promise<SeenObject | null>;
  /** One POST with the body, secrets in clear. `issued`: as far as the answer tells what the vendor issued. */
  create(client: C, body: JsonObject): Promise<{ id: string; issued?: IssuedValues }>;
  /**
   * Brings the object from what was read to what is desired, where `diff` finds nothing its secrets. Re-reads and re-decides on a
   * concurrent change, a few times at most.
   */
  update(client: C, seen: SeenObject, desired: Desired): Promise<void>;
  /** Deletes; "not found" is done. A refusal because something refers to it is `STILL_REFERENCED`. */
  remove(client: C, id: string): Promise<void>;
  /**
   * The fields in which what was seen is not what an update would leave, each once; empty when it is. Secrets, server-set fields and
   * the marker are not compared.
   */
  diff(desired: Desired, seen: SeenObject): Difference[];
  /** What the path of a difference names, with `[n]` or `[]` for items. */
  pathKind(path: string): PathKind;
  /** What of an object is kept to be put back later: the fields of a request, secrets left out. */
  former(seen: SeenObject): JsonObject;
  /** How many objects the vendor takes in one scope, where that is documented; `of` names them and the scope: `webhooks per app`. */
  limit?: { most: number; of: string };
  /**
   * What is kept of an object before it is taken over, so that all of it can be put back: its fields, with the secrets that bringing it
   * to `body` may take out of it, in clear; or a sentence when they cannot be had. Absent: `former` is enough, since nothing secret goes.
   */
  takeover?(
    client: C,
    body: JsonObject,
    seen: SeenObject,
    options: ReadOptions,
  ): Promise<{ former: JsonObject } | { conflict: string }>;
  /** A sentence when bringing what is to be taken over to `body` would take out of it what `former` does not hold. Absent: it never does. */
  loses?(body: JsonObject, seen: SeenObject, former: JsonObject): string | undefined;
  /** What still refers to the object; asked before every delete. Absent: nothing can. */
  referrers?(client: C, id: string, options: ReadOptions): Promise<Referrer[]>;
  /** A sentence when `seen` (not ours) makes creating `body` wrong although the vendor would allow it. */
  clash?(body: JsonObject, seen: SeenObject): string | undefined;
  /** A sentence when `seen` is so like `body` that a person should know of it, though creating is right. */
  resembles?(body: JsonObject, seen: SeenObject): string | undefined;
  /**
   * For objects without a marker whose name somebody else may take too: whether `seen`, which the job's look did not see, can be what
   * our create made, since its values equal the body's. One that is not alike is somebody else's, and so is every one as long as no
   * create of ours is unclear. Absent: whatever the look did not see is ours.
   */
  alike?(body: JsonObject, seen: SeenObject): boolean;
  /** Names of what the vendor issues for each object. Absent: nothing. */
  issues?: readonly string[];
  /** Reads what the vendor issued for an object; names that it does not show are left out. Needed where `issues` is there. */
  issued?(client: C, id: string, options: ReadOptions): Promise<IssuedValues>;
  /** Whether the object does what it is for; asked whenever it has been brought to what is planned, until `verifyWithinMs`. */
  verify?(
    client: C,
    object: { id: string; body: JsonObject; issued: IssuedValues },
    options: ReadOptions,
  ): Promise<Verification>;
  /**
   * Whether what was issued for an object is of no use any more; asked after its removal, by every attempt until it is so, also when
   * the object is gone. Absent: nothing to ask.
   */
  revoked?(
    client: C,
    object: { id: string; body: JsonObject; issued: IssuedValues },
    options: ReadOptions,
  ): Promise<boolean>;
  /** What a person can do in place of the engine. Absent: nothing. */
  person?: PersonAbility<C>;
  /** Whether the condition of the node holds; asked again and again until `readyWithinMs`. */
  ready?(client: C, body: JsonObject, options: ReadOptions): Promise<Readiness>;
  /** Milliseconds after which a node that is not ready has failed for good. */
  readyWithinMs?(body: JsonObject): number;
}

/** Counts what one connection costs at its vendor. */
export interface ConnectionMeter extends ReadingMeter {
  /** Told of each call once it has ended; must not throw. */
  call: ObserveCall;
}

/** A vendor as the engine sees it: its resources and how to reach one connection of it. `S` is the connection's settings. */
export interface VendorModule<C, S> {
  vendor: Vendor;
  /** Names the account at the vendor that a connection reaches: objects that were recorded in another one cannot be compared. */
  place(settings: S): string;
  resources: readonly Resource<C>[];
  /** One client per connection and process: it shares tokens and lists, paces calls and holds the dispatcher. Without a meter nothing is counted. */
  connect(settings: S, meter?: ConnectionMeter): { client: C; close(): Promise<void> };
}
