import { defineSignal } from '@temporalio/workflow';
import { COMMAND_SIGNAL, type Command } from '#libs/contracts/index.js';

/** The one signal by which people steer a job: durable, needs no worker, and its payload is the audit. */
export const commandSignal = defineSignal<[Command]>(COMMAND_SIGNAL);
