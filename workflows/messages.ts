import { defineSignal } from '@temporalio/workflow';
import { COMMAND_SIGNAL, OPERATION_SIGNAL, type Command, type LineEntry } from '#libs/contracts/index.js';

/** The one signal by which people steer a job: durable, needs no worker, and its payload is the audit. */
export const commandSignal = defineSignal<[Command]>(COMMAND_SIGNAL);

/** The signal by which an operation, or a note, is queued on an account that is there. */
export const operationSignal = defineSignal<[LineEntry]>(OPERATION_SIGNAL);
