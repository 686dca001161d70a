import { setTimeout as delay } from 'node:timers/promises';
import type { OperatorService, WorkflowService } from '@temporalio/client';
import { ConfigError, type Fault } from '#libs/config/faults.js';
import { SEARCH_ATTRIBUTES } from '#libs/contracts/index.js';
import { EngineUnavailable } from './client.js';
import { GRPC, grpcCode, isUnmappedAttribute } from './grpc-errors.js';

/** `temporal.api.enums.v1.IndexedValueType`, by number. */
const TYPE_NAMES = ['Unspecified', 'Text', 'Keyword', 'Int', 'Double', 'Bool', 'Datetime', 'KeywordList'];
const KEYWORD = TYPE_NAMES.indexOf('Keyword');

const SHOW_TRIES = 50;
const SHOW_PAUSE_MS = 100;
/** So many answers in a row: an address may lead to several frontends, each with what it knows of the namespace. */
const ANSWERS = 3;
/** An answer has been 1.9 s late at most; a slow machine gets more. Milliseconds. */
const ANSWER_WITHIN_MS = 20_000;
/** Finds nothing, and names every attribute. */
const PROBE = SEARCH_ATTRIBUTES.map((name) => `${name} = 'none'`).join(' AND ');

/** The part of a connection that is asked; both the client's and the worker's have it. */
export interface AttributeKeeper {
  operatorService: Pick<OperatorService, 'listSearchAttributes' | 'addSearchAttributes'>;
  workflowService: Pick<WorkflowService, 'countWorkflowExecutions' | 'describeNamespace'>;
}

export interface EnsureOptions {
  /** Runs one call, to bound it. Default: as it is. */
  call?: <T>(run: () => Promise<T>) => Promise<T>;
  /** How long the namespace, and an answer to a query by the attributes, is waited for, each in milliseconds. Default 20 s. */
  answerWithinMs?: number;
  pauseMs?: number;
}

/**
 * Makes sure that the namespace has our search attributes, all of type Keyword, and that starts and lists by them are taken. Every
 * process may do so at its start, also side by side. Types are read back, because adding a name that exists with another type answers
 * "ok" without effect; and a query is tried, because what lists the attributes reads the database, and what uses them a cache.
 * @throws {ConfigError} for an attribute of another type, and where attributes are missing and may not be added.
 * @throws {EngineUnavailable} when no query by them is answered in time.
 */
export async function ensureSearchAttributes(
  connection: AttributeKeeper,
  namespace: string,
  { call = (run) => run(), answerWithinMs = ANSWER_WITHIN_MS, pauseMs = SHOW_PAUSE_MS }: EnsureOptions = {},
): Promise<void> {
  const listed = (): Promise<Record<string, number>> => {
    return untilKnown(() => call(() => list(connection, namespace)), answerWithinMs, pauseMs);
  };
  let known = await listed();
  if (missingOf(known).length > 0) {
    await call(() => add(connection, namespace, missingOf(known)));
    for (let tries = 0; missingOf(known).length > 0 && tries < SHOW_TRIES; tries += 1) {
      if (tries > 0) await delay(pauseMs); // another node of the server may still answer from what it knew
      known = await listed();
    }
  }
  const faults = SEARCH_ATTRIBUTES.flatMap((name) => faultOf(name, known[name]));
  if (faults.length > 0) throw new ConfigError(faults);
  await untilAnswered(() => call(() => probe(connection, namespace)), answerWithinMs, pauseMs);
}

/** Asks until the server knows the namespace: one that was made a moment ago is in its database before every frontend knows of it. */
async function untilKnown<T>(ask: () => Promise<T | undefined>, withinMs: number, pauseMs: number): Promise<T> {
  const giveUpAt = Date.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > giveUpAt) throw new EngineUnavailable('Temporal does not yet know the namespace that was made');
    await delay(pauseMs);
  }
}

/** Asks until queries are answered several times in a row. */
async function untilAnswered(ask: () => Promise<boolean>, withinMs: number, pauseMs: number): Promise<void> {
  const giveUpAt = Date.now() + withinMs;
  for (let answers = (await ask()) ? 1 : 0; answers < ANSWERS; answers = (await ask()) ? answers + 1 : 0) {
    if (Date.now() > giveUpAt) {
      throw new EngineUnavailable('Temporal does not yet answer queries by the search attributes that were added');
    }
    await delay(pauseMs);
  }
}

/** False while the server does not know the attributes yet, and while it refuses queries since too many are asked. */
async function probe({ workflowService }: AttributeKeeper, namespace: string): Promise<boolean> {
  try {
    await workflowService.countWorkflowExecutions({ namespace, query: PROBE });
    return true;
  } catch (error) {
    if (isUnmappedAttribute(error) || grpcCode(error) === GRPC.resourceExhausted) return false;
    throw error;
  }
}

/** Undefined while the namespace is there, and who answers does not know it yet. */
async function list(
  { operatorService, workflowService }: AttributeKeeper,
  namespace: string,
): Promise<Record<string, number> | undefined> {
  try {
    const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
    return customAttributes;
  } catch (error) {
    if (grpcCode(error) !== GRPC.notFound) throw error;
  }
  try {
    await workflowService.describeNamespace({ namespace }); // reads the database
    return undefined;
  } catch (error) {
    if (grpcCode(error) !== GRPC.notFound) throw error;
    throw new ConfigError([{ name: 'TEMPORAL_NAMESPACE', message: 'names a namespace that the server does not have' }]);
  }
}

async function add({ operatorService }: AttributeKeeper, namespace: string, names: readonly string[]): Promise<void> {
  const searchAttributes = Object.fromEntries(names.map((name) => [name, KEYWORD]));
  try {
    await operatorService.addSearchAttributes({ namespace, searchAttributes });
  } catch (error) {
    const code = grpcCode(error);
    if (code === GRPC.alreadyExists) return; // another process was faster
    if (code !== GRPC.permissionDenied && code !== GRPC.unimplemented) throw error;
    const message = 'is missing and may not be added by this process: add it to the namespace with type Keyword';
    throw new ConfigError(names.map((name) => ({ name: `search attribute ${name}`, message })));
  }
}

function missingOf(known: Record<string, number>): string[] {
  return SEARCH_ATTRIBUTES.filter((name) => known[name] === undefined);
}

function faultOf(name: string, type: number | undefined): Fault[] {
  if (type === KEYWORD) return [];
  const found = type === undefined ? 'does not show' : `has type ${TYPE_NAMES[type] ?? type}`;
  const message = `${found} in the Temporal namespace, and must be of type Keyword: use a namespace of its own for Gangway`;
  return [{ name: `search attribute ${name}`, message }];
}
