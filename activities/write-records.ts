import { log } from '@temporalio/activity';
import { accountId, VendorError, type ResolvedNode, type VendorOperation } from '#libs/contracts/index.js';
import type { Resource } from '#libs/resources/index.js';

/**
 * How a write at a vendor went. unclear: it may have taken effect. refused: the vendor said no. failed: it was not sent, or came out
 * otherwise than meant, as the reason says.
 */
type Outcome = 'created' | 'updated' | 'removed' | 'unclear' | 'refused' | 'failed';

const WRITES: readonly VendorOperation[] = ['create', 'update', 'delete'];

/**
 * A resource whose every write leaves one record in the log, however it ends: account, step, what was written, outcome and the
 * object's id, as far as they are known. `written` is called before each.
 */
export function recordingWrites<C>(
  resource: Resource<C>,
  node: ResolvedNode,
  attempt: number,
  written: () => void,
): Resource<C> {
  const facts = {
    accountId: accountId(node.account),
    step: node.key,
    vendor: node.vendor,
    resource: resource.name,
    attempt,
  };
  const recorded = async <T>(
    operation: 'create' | 'update' | 'delete',
    done: Outcome,
    id: string,
    write: () => Promise<T>,
    idOf: (made: T) => string,
  ): Promise<T> => {
    written();
    try {
      const made = await write();
      const externalId = idOf(made);
      log.info(`${done} ${resource.name} ${externalId}`, { ...facts, operation, outcome: done, externalId });
      return made;
    } catch (error) {
      const outcome = failureOf(error);
      log.warn(`${operation} of ${resource.name} ${outcome}`, {
        ...facts,
        operation,
        outcome,
        externalId: id,
        ...reasonOf(error),
      });
      throw error;
    }
  };
  return {
    ...resource,
    create: (client, body) =>
      recorded(
        'create',
        'created',
        '',
        () => resource.create(client, body),
        ({ id }) => id,
      ),
    update: (client, seen, desired) =>
      recorded(
        'update',
        'updated',
        seen.id,
        () => resource.update(client, seen, desired),
        () => seen.id,
      ),
    remove: (client, id) =>
      recorded(
        'delete',
        'removed',
        id,
        () => resource.remove(client, id),
        () => id,
      ),
  };
}

/** What nobody foresaw may have come after the write was sent. */
function failureOf(error: unknown): Outcome {
  if (!(error instanceof VendorError) || error.fault.outcomeUnknown) return 'unclear';
  const { httpStatus, operation } = error.fault;
  return httpStatus !== null && WRITES.includes(operation) ? 'refused' : 'failed';
}

function reasonOf(error: unknown): Record<string, unknown> {
  if (!(error instanceof VendorError)) return { code: 'OUTCOME_UNKNOWN' };
  const { code, httpStatus, vendorCode, message } = error.fault;
  return { code, httpStatus, vendorCode, reason: message };
}
