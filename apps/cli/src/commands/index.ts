import type { CommandSpec } from '../command.js';
import { ACCOUNTS_COMMAND } from './accounts.js';
import { CONTROL_COMMANDS } from './control.js';
import { HANDOFF_COMMAND } from './handoff.js';
import { LIST_COMMAND } from './list.js';
import { ONBOARD_COMMAND } from './onboard.js';
import { OPERATION_COMMANDS } from './operate.js';
import { PAUSE_COMMAND } from './pause.js';
import { PLAN_COMMAND } from './plan.js';
import { RECONCILIATIONS_COMMAND } from './reconciliations.js';
import { SCHEDULES_COMMAND } from './schedules.js';
import { STATUS_COMMANDS } from './status.js';

/** Every command, in the order in which help shows them. */
export const COMMANDS: readonly CommandSpec[] = [
  PLAN_COMMAND,
  ONBOARD_COMMAND,
  ...STATUS_COMMANDS,
  LIST_COMMAND,
  ...CONTROL_COMMANDS,
  HANDOFF_COMMAND,
  ACCOUNTS_COMMAND,
  ...OPERATION_COMMANDS,
  PAUSE_COMMAND,
  RECONCILIATIONS_COMMAND,
  SCHEDULES_COMMAND,
];
