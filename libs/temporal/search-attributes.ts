import { setTimeout as delay } from 'node:timers/promises';
import type { OperatorService } from '@temporalio/client';
import { ConfigError, type Fault } from '#libs/config/faults.js';
import { SEARCH_ATTRIBUTES } from '#libs/contracts/index.js';
import { GRPC, grpcCode } from './grpc-errors.js';

/** `temporal.api.enums.v1.IndexedValueType`, by number. */
const TYPE_NAMES = ['Unspecified', 'Text', 'Keyword', 'Int', 'Double', 'Bool', 'Datetime', 'KeywordList'];
const KEYWORD = TYPE_NAMES.indexOf('Keyword');

const SHOW_TRIES = 50;
const SHOW_PAUSE_MS = 100;

/** The part of a connection that is asked; both the client's and the worker's have it. */
export interface AttributeKeeper {
  operatorService: Pick<OperatorService, 'listSearchAttributes' | 'addSearchAttributes'>;
}

/**
 * Makes sure that the namespace has our search attributes, all of type Keyword. Every process may do so at its start, also side by
 * side. Types are read back, because adding a name that exists with another type answers "ok" without effect.
 * @throws {ConfigError} for an attribute of another type, and where attributes are missing and may not be added.
 */
export async function ensureSearchAttributes(connection: AttributeKeeper, namespace: string): Promise<void> {
  let known = await list(connection, namespace);
  if (missingOf(known).length > 0) {
    await add(connection, namespace, missingOf(known));
    for (let tries = 0; missingOf(known).length > 0 && tries < SHOW_TRIES; tries += 1) {
      if (tries > 0) await delay(SHOW_PAUSE_MS); // another node of the server may still answer from what it knew
      known = await list(connection, namespace);
    }
  }
  const faults = SEARCH_ATTRIBUTES.flatMap((name) => faultOf(name, known[name]));
  if (faults.length > 0) throw new ConfigError(faults);
}

async function list({ operatorService }: AttributeKeeper, namespace: string): Promise<Record<string, number>> {
  try {
    const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
    return customAttributes;
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
