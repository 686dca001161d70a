import { Context } from '@temporalio/activity';
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { OPERATION_SIGNAL, type AccountNote, type NoteInput } from '#libs/contracts/index.js';
import { workflowIdOf } from '#libs/registry/index.js';
import { inParallel } from './in-parallel.js';

/** Signals under way at a time. */
const AT_A_TIME = 10;

/**
 * Tells accounts what differs of them. A note that was told twice is dropped by the account, and so is one that was overtaken.
 * @returns how many were told; an account that has ended meanwhile is none of them
 */
export async function note(client: Client, { run, mode, at, notes }: NoteInput): Promise<{ told: number }> {
  let told = 0;
  await inParallel(notes, AT_A_TIME, async ({ account, revision, drift }) => {
    const entry: AccountNote = { kind: 'note', id: `${run} ${account}`, revision, at, mode, drift };
    try {
      await client.workflow.getHandle(workflowIdOf(account)).signal(OPERATION_SIGNAL, entry);
      told++;
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
    Context.current().heartbeat();
  });
  return { told };
}
