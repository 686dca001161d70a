import { NAME_PATTERN, type Vendor } from './names.js';
import { NOTIFY_EVENTS, type NotifyEvent } from './spec.js';

/** One account of one tenant. */
export interface AccountRef {
  tenant: string;
  account: string;
}

/** `{tenant}.{account}`: the id of an account in every answer. Neither name can hold a dot, so it splits one way only. */
export function accountId(ref: AccountRef): string {
  return `${ref.tenant}.${ref.account}`;
}

/** Reads an account id back; undefined when it is none. */
export function parseAccountId(id: string): AccountRef | undefined {
  const [tenant, account, ...rest] = id.split('.');
  if (tenant === undefined || account === undefined || rest.length > 0) return undefined;
  return NAME_PATTERN.test(tenant) && NAME_PATTERN.test(account) ? { tenant, account } : undefined;
}

const ACCOUNT_PREFIX = 'account/';
const OPERATION_PREFIX = 'operation/';

/** Workflow id of an account: its state, its queue, its lock. */
export function accountWorkflowId(ref: AccountRef): string {
  return `${ACCOUNT_PREFIX}${accountId(ref)}`;
}

/** The account that a workflow id names; undefined for any other workflow. */
export function accountFromWorkflowId(workflowId: string): AccountRef | undefined {
  return workflowId.startsWith(ACCOUNT_PREFIX) ? parseAccountId(workflowId.slice(ACCOUNT_PREFIX.length)) : undefined;
}

/** Workflow id of the running operation of an account: one for all kinds, so that two can never run side by side. */
export function operationWorkflowId(ref: AccountRef): string {
  return `${OPERATION_PREFIX}${accountId(ref)}`;
}

/** The account whose operation a workflow id names; undefined for any other workflow. */
export function accountFromOperationId(workflowId: string): AccountRef | undefined {
  return workflowId.startsWith(OPERATION_PREFIX)
    ? parseAccountId(workflowId.slice(OPERATION_PREFIX.length))
    : undefined;
}

/** Workflow id of a dry run's look. */
export function previewWorkflowId(uuid: string): string {
  return `preview/${uuid}`;
}

const NOTIFICATION_PREFIX = 'notification/';

/** Workflow id of the nth telling of an event of a job, from 1: `notification/{runId}/held`, `notification/{runId}/held/2`. */
export function notificationWorkflowId(runId: string, event: NotifyEvent, nth: number): string {
  return `${NOTIFICATION_PREFIX}${runId}/${event}${nth === 1 ? '' : `/${nth}`}`;
}

/** The event that a workflow id names; undefined for any other workflow. */
export function notifyEventFromWorkflowId(workflowId: string): NotifyEvent | undefined {
  if (!workflowId.startsWith(NOTIFICATION_PREFIX)) return undefined;
  const [, event] = workflowId.slice(NOTIFICATION_PREFIX.length).split('/');
  return NOTIFY_EVENTS.find((known) => known === event);
}

/** Task queue of all workflows and of the activities that belong to no connection. */
export const WORKFLOW_TASK_QUEUE = 'workflows';

/** Task queue of one vendor connection: `egain/egain-main`. */
export function connectionTaskQueue(vendor: Vendor, connection: string): string {
  return `${vendor}/${connection}`;
}

/** What an activity does. These belong to a connection, all others to one node. */
export const CONNECTION_VERBS = ['look', 'inspect', 'foresee'] as const;
export type ConnectionVerb = (typeof CONNECTION_VERBS)[number];
export const VERBS = ['look', 'inspect', 'foresee', 'ensure', 'remove', 'observe', 'settle', 'check'] as const;
export type Verb = (typeof VERBS)[number];

/** What may stand in clear in Temporal of a name that a customer gave. */
export const CLEAR_NAME = /^[a-z0-9.-]{1,128}$/;

/** A node by its names. */
interface Named {
  key: string;
  stepName?: string;
}

/** Name of a node in activity ids and in the attribute `Step`. */
export function stepName({ key, stepName: name }: Named): string {
  return name ?? key;
}

/** Key of the node that has this step name among some; the name itself where none has it. */
export function keyOfStep(nodes: Iterable<Named>, name: string): string {
  for (const node of nodes) if (stepName(node) === name) return node.key;
  return name;
}

/** Activity id `{step name}:{verb}`, so that history events map to nodes. For `look` the key is `{vendor}/{connection}`. */
export function activityId(key: string, verb: Verb): string {
  return `${key}:${verb}`;
}

/**
 * Reads an activity id back; undefined for one that is not ours. Its `key` is the node's step name, see `keyOfStep`. Splits at the last
 * colon: keys of older jobs may hold some.
 */
export function parseActivityId(id: string): { key: string; verb: Verb } | undefined {
  const at = id.lastIndexOf(':');
  const verb = VERBS.find((v) => v === id.slice(at + 1));
  return at < 1 || verb === undefined ? undefined : { key: id.slice(0, at), verb };
}

/** Activity type `egain.channel.ensure`; for a look `egain.look`. Histories store it: a rename is a migration. */
export function activityType(vendor: Vendor, resource: string, verb: Exclude<Verb, ConnectionVerb>): string {
  return `${vendor}.${resource}.${verb}`;
}

/** Activity type of what is done for a connection: `egain.look`, `egain.inspect`. */
export function connectionActivityType(vendor: Vendor, verb: ConnectionVerb): string {
  return `${vendor}.${verb}`;
}

/** Whether a verb belongs to a connection and not to one node. */
export function isConnectionVerb(verb: Verb): verb is ConnectionVerb {
  return CONNECTION_VERBS.some((each) => each === verb);
}
