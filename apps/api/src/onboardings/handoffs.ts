import { createHash } from 'node:crypto';
import {
  answerFits,
  handoffInstruction,
  type Command,
  type Handoff,
  type HandoffAnswer,
  type HandoffKind,
  type JsonObject,
  type PlanNode,
} from '#libs/contracts/index.js';
import type { LoadedJob } from '#libs/history/load-job.js';
import { issuedField, secretField } from '#libs/onboarding/index.js';
import { canonicalJson, expandTexts, replacePaths } from '#libs/planning/index.js';
import { openHandoff, type Job } from '#libs/progress/index.js';
import type { PersonAbility, ReturnedValue } from '#libs/resources/contract.js';
import { namesOf } from '#libs/schemas/handoff.schema.js';
import { isSealed, type Sealer } from '#libs/secrets/index.js';
import { resourceOf } from '#libs/vendors/registry.js';
import type { Caller } from '../auth/caller.js';
import { sha256 } from '../plans/planner.js';
import { notFound, Problem } from '../problems/problem.js';
import type { Commander, TakenCommand } from './commander.js';
import type { Jobs } from './jobs.js';
import { commandMisfit, jobStands } from './sentences.js';

/** A task for a person as the API gives it out (`docs/http.md` §4). */
export interface HandoffDocument extends Pick<
  Handoff,
  'key' | 'kind' | 'createdAt' | 'dueAt' | 'fetchedAt' | 'reminders'
> {
  /** Of the job that asks. */
  runId: string;
  /** The file, byte for byte. */
  manifest: string;
  /** Of its UTF-8 bytes, lower-case hex. */
  sha256: string;
  instruction: string;
  contact: string | null;
  /** What is to be handed back, by name; empty where the person only says that it is done. */
  returns: readonly ReturnedValue[];
}

/** What a person answers, in clear; one of the forms is there. */
export interface HandoffReply {
  done?: true | undefined;
  rejected?: string | undefined;
  /** What is handed back, by name. */
  values: { readonly [name: string]: string };
}

export interface HandoffsDeps {
  jobs: Jobs;
  commander: Commander;
  sealer: Sealer;
}

/** What a person may have done with the file once it is out. */
const MAKES: readonly HandoffKind[] = ['install', 'update'];

/** Gives tasks to people and takes their answers. Works without a worker, as every command does. */
export class Handoffs {
  constructor(private readonly deps: HandoffsDeps) {}

  /**
   * The task that a job has for a person. That the file was fetched is in the job's history before it is given out: from then on the
   * undo has to reckon with what it asks for. A look that gives nothing out (`givesOut: false`) leaves no trace.
   * @throws {Problem} `not-found` when there is none
   */
  async read(
    caller: Caller,
    id: string,
    runId: string | undefined,
    { givesOut }: { givesOut: boolean },
  ): Promise<HandoffDocument> {
    const loaded = await this.deps.jobs.loadTarget(caller, id, runId);
    const { job } = loaded;
    const handoff = current(job);
    const node = job.plan.nodes.find(({ key }) => key === handoff?.key);
    if (!handoff || !node) throw notFound(`hand-off of ${id}`);
    const manifest = this.fileOf(job, node, id);
    if (givesOut && handoff.fetchedAt === null && handoff.state === 'open' && MAKES.includes(handoff.kind)) {
      await this.noteFetched(caller, loaded, handoff);
    }
    const { key, kind, createdAt, dueAt, fetchedAt, reminders } = handoff;
    return {
      runId: loaded.located.runId,
      key,
      kind,
      manifest,
      sha256: sha256(manifest),
      instruction: handoffInstruction(node.person, handoff),
      contact: node.person?.contact ?? null,
      returns: kind === 'remove' ? [] : personOf(node).returns,
      createdAt,
      dueAt,
      fetchedAt,
      reminders,
    };
  }

  /**
   * Takes an answer. Secrets are sealed here, before they are sent anywhere; the same answer sent twice is one.
   * @throws {Problem} `wrong-status` when nobody is asked, or for something else, or an answer is being checked
   */
  async answer(caller: Caller, id: string, runId: string | undefined, reply: HandoffReply): Promise<TakenCommand> {
    const loaded = await this.deps.jobs.loadTarget(caller, id, runId);
    const { job } = loaded;
    const commandId = this.answerId(job, reply);
    const taken = { commandId, runId: loaded.located.runId };
    if (job.commands.has(commandId)) return taken;
    const handoff = requireOpen(job);
    const node = job.plan.nodes.find(({ key }) => key === handoff.key);
    if (!node) throw notFound(`hand-off of ${id}`);
    const { returns } = personOf(node);
    const answer = this.sealed(handoff, reply, id);
    const handsBack = Object.keys(reply.values);
    const others = handsBack.some((name) => !returns.some((value) => value.name === name));
    if (others || !answerFits(handoff.kind, answer)) throw misfit(job, expected(handoff.kind, returns));
    await this.deliver(caller, loaded, commandId, 'handoff', answer, reply.rejected ?? said(handoff.kind, returns));
    return taken;
  }

  private async noteFetched(caller: Caller, loaded: LoadedJob, { id }: Handoff): Promise<void> {
    // One id for everybody who fetches it at once: a repeated command is dropped.
    const commandId = uuidOf(sha256(canonicalJson([loaded.located.runId, 'handoff-fetched', id])));
    await this.deliver(caller, loaded, commandId, 'handoff-fetched', { handoff: id }, 'the file was given out');
  }

  private async deliver(
    caller: Caller,
    loaded: LoadedJob,
    id: string,
    verb: 'handoff' | 'handoff-fetched',
    answer: HandoffAnswer,
    reason: string,
  ): Promise<void> {
    const { runId } = loaded.located;
    const command: Command = { id, verb, runId, by: caller.id, reason, at: new Date().toISOString(), answer };
    await this.deps.commander.deliver(command, loaded);
  }

  private sealed({ id: handoff, key }: Handoff, reply: HandoffReply, accountId: string): HandoffAnswer {
    if (reply.rejected !== undefined) return { handoff, rejected: true };
    if (reply.done) return { handoff, done: true };
    const values = Object.entries(reply.values).map(([name, value]) => {
      return [name, this.deps.sealer.seal(value, { accountId, field: issuedField(key, 'person', name) })] as const;
    });
    return { handoff, values: Object.fromEntries(values) };
  }

  /** The same for the same answer to the same question, until it has been found wrong: then it may be sent again. */
  private answerId(job: Job, reply: HandoffReply): string {
    const { runId } = job.request;
    const asked = [job.handoff?.id ?? 0, job.handoff?.refusals ?? 0];
    const { values, done = false, rejected = null } = reply;
    return uuidOf(this.deps.sealer.hmac(canonicalJson([runId, ...asked, { ...values }, done, rejected])));
  }

  /** Only what was sealed is opened: a reference is resolved by workers alone, and stays one. */
  private fileOf({ plan }: Job, node: PlanNode, accountId: string): string {
    const { secrets } = resourceOf(node.vendor, node.resource);
    const body: JsonObject = replacePaths(expandTexts(node.body, plan.texts), secrets, ({ value, field }) =>
      isSealed(value) ? this.deps.sealer.open(value, { accountId, field: secretField(node.key, field) }) : value,
    );
    return personOf(node).file(body);
  }
}

/** Also while an answer is checked, so that who comes then is not told that there is none. */
function current(job: Job): Handoff | null {
  return !job.closed && job.handoff?.state === 'checking' ? job.handoff : openHandoff(job);
}

function requireOpen(job: Job): Handoff {
  const handoff = openHandoff(job);
  if (job.closed) throw misfit(job, jobStands(job));
  if (!handoff && job.handoff?.state !== 'checking') throw misfit(job, commandMisfit('handoff', job));
  if (!handoff || job.answer) throw misfit(job, 'An answer to the hand-off is being checked: wait for its result.');
  return handoff;
}

function misfit(job: Job, detail: string): Problem {
  return new Problem('wrong-status', detail, { members: { jobStatus: job.status } });
}

function personOf(node: PlanNode): PersonAbility<unknown> {
  const { person } = resourceOf(node.vendor, node.resource);
  if (!person) throw new TypeError(`nobody can be asked for a ${node.vendor} ${node.resource}`);
  return person;
}

/** What a hand-off asks for, to somebody who has answered something else. */
function expected(kind: HandoffKind, returns: readonly ReturnedValue[]): string {
  if (kind === 'update') return 'The hand-off asks for an update.';
  if (kind === 'remove') return 'The hand-off asks for a removal: answer "done": true, or "rejected" with a reason.';
  return `The hand-off asks for ${namesOf(returns)}.`;
}

/** What the history keeps as the reason of an answer. */
function said(kind: HandoffKind, returns: readonly ReturnedValue[]): string {
  if (kind === 'update') return 'the update is done';
  return kind === 'remove' ? 'the removal is done' : `handed back ${namesOf(returns)}`;
}

/** A UUID of version 8, made of a hash. */
function uuidOf(hex: string): string {
  const hash = createHash('sha256').update(hex).digest('hex');
  const variant = ((parseInt(hash.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  return [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `8${hash.slice(13, 16)}`,
    `${variant}${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ].join('-');
}
