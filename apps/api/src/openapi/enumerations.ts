import type {
  AccountLifeState,
  CommandVerb,
  ConnectionScanStatus,
  DeliveryCode,
  DriftKind,
  ErrorCode,
  FleetMode,
  FleetOutcome,
  FleetStatus,
  ForeseenAction,
  HandoffKind,
  JobStatus,
  LookFinding,
  NotificationProgress,
  NotifyEvent,
  OperationKind,
  OperationRecord,
  Outcome,
  Ownership,
  StepStatus,
  StopRule,
  WaitKind,
} from '#libs/contracts/index.js';
import { CHAIN_PARTS } from '#libs/onboarding/index.js';
import { VENDOR_MODULES } from '#libs/vendors/registry.js';

/** An enumeration of the API: what it is of, and what each of its values means. */
export interface Enumeration {
  description: string;
  values: Readonly<Record<string, string>>;
}

const CHAIN = Object.fromEntries(CHAIN_PARTS.map(({ name, description }) => [name, description]));

const VENDOR = Object.fromEntries(VENDOR_MODULES.map(({ vendor, product }) => [vendor, product]));

const JOB_STATUS: Record<JobStatus, string> = {
  queued: 'accepted, not picked up yet: it starts by itself once a worker is there',
  running: 'steps are done, or tried again',
  waiting: 'for a vendor, or for a person who was handed a task',
  held: 'a step has failed for good, and an operator decides: retry, rollback or cancel',
  'rolling-back': 'what was done is taken back',
  'rollback-incomplete': 'something could not be taken back, see leftovers: rollback again, or accept-leftovers',
  succeeded: 'everything stands',
  'rolled-back': 'a step has failed for good, and nothing stands any more',
  cancelled: 'taken back because somebody asked for it; nothing stands any more',
  rejected: 'taken back because the person refused the task; nothing stands any more',
  interrupted: 'terminated in Temporal itself: objects may stand, and a new spec or an offboarding settles them',
  failed: 'could not be done; nothing was changed',
};

const STEP_STATUS: Record<StepStatus, string> = {
  pending: 'waits for other steps',
  running: 'is done now',
  retrying: 'has failed and is tried again, see lastError',
  waiting: 'waits for the vendor or for a person',
  done: 'stands',
  failed: 'has failed for good',
  undoing: 'is taken back now',
  undone: 'is taken back',
  kept: 'left alone by the undo: it was there before, or others use it',
  'undo-failed': 'could not be taken back',
  skipped: 'was never begun',
};

const STEP_ORIGIN: Record<Outcome, string> = {
  created: 'made',
  adopted: 'was made by others and has been taken over',
  updated: 'was there and has been changed',
  shared: 'is used together with others, never changed',
  unchanged: 'was there as it should be',
};

const OWNERSHIP: Record<Ownership, string> = {
  created: 'made by this account',
  adopted: 'made by others and taken over',
  shared: 'used together with others, never changed',
};

const WAIT_KIND: Record<WaitKind, string> = {
  retry: 'for the next try of a step',
  vendor: 'for the vendor to make something ready',
  handoff: 'for a person to do a task at the vendor',
  operator: 'for a command of an operator',
  worker: 'for a worker to be started',
  engine: 'for the operator: a task of its workflow fails again and again',
};

const ERROR_CODE: Record<ErrorCode, string> = {
  VENDOR_UNAVAILABLE: 'the vendor does not answer, or with a fault of its own; tried again',
  RATE_LIMITED: 'the vendor asks for fewer calls; tried again',
  CREDENTIALS_REJECTED: 'the vendor does not accept the credentials of the connection',
  PERMISSION_DENIED: 'the credentials are good and may not do this',
  INVALID_REQUEST: 'the vendor refuses what was asked for',
  CONFLICT: 'something at the vendor stands against it',
  FOREIGN_RESOURCE: 'an object of somebody else is in the way',
  AMBIGUOUS: 'several objects could be meant',
  CANNOT_ENUMERATE: 'a list of the vendor cannot be read to its end',
  STILL_REFERENCED: 'other objects refer to it, so it cannot be removed',
  NOT_READY: 'the vendor has not made it ready in time',
  OUTCOME_UNKNOWN: 'a call may or may not have taken effect',
};

const NOTIFY_EVENT: Record<NotifyEvent, string> = {
  succeeded: 'the job has succeeded',
  waiting: 'the job waits for a vendor or a person',
  held: 'an operator must decide',
  'rolled-back': 'the job was taken back',
  'rollback-incomplete': 'something could not be taken back',
  cancelled: 'the job was cancelled and taken back',
  rejected: 'a person refused the task, and the job was taken back',
  reminder: 'a task has not been answered yet',
  drifted: 'what stands differs from what was recorded',
  repaired: 'what differed was brought back',
};

const NOTIFICATION_STATUS: Record<NotificationProgress['status'], string> = {
  pending: 'not tried yet, or being tried for the first time',
  retrying: 'not delivered yet, tried again',
  delivered: 'taken by the receiver',
  failed: 'given up; it is not sent again',
};

const DELIVERY_CODE: Record<DeliveryCode, string> = {
  RECEIVER_REFUSED: 'the receiver answered with another status than 2xx',
  RECEIVER_REDIRECTED: 'the receiver redirects, which is not followed',
  RECEIVER_UNREACHABLE: 'no connection came about, or it broke',
  RECEIVER_TIMED_OUT: 'the receiver did not answer in time',
  ADDRESS_NOT_ALLOWED: 'this installation does not call loopback or private addresses, or plain http',
  SECRET_UNAVAILABLE: 'the signing secret cannot be had, or is none',
  NOT_DELIVERED: 'ended in Temporal itself, or the worker went away',
};

const COMMAND_VERB: Record<CommandVerb, string> = {
  cancel: 'settle the open call, then take everything back',
  retry: 'go on with a held job',
  rollback: 'take a held job back, or try again to',
  'accept-leftovers': 'end a job whose leftovers are to stay',
  handoff: 'the answer of a person',
  'handoff-fetched': 'somebody fetched the file of a hand-off',
};

const HANDOFF_KIND: Record<HandoffKind, string> = {
  install: 'install the app and hand back its credentials',
  update: 'replace the app by the file',
  remove: 'remove the app',
  secret: 'look up the credentials that the vendor does not show to us',
};

const PLANNED_ACTION: Record<LookFinding['action'], string> = {
  create: 'an object would be made',
  adopt: 'an object of others would be taken over',
  update: 'an object would be changed',
  unchanged: 'an object stands as it should',
  shared: 'an object that others use too would be used',
  conflict: 'the job would end before it writes anything',
  wait: 'a condition, which the job would wait for',
};

const FORESEEN_ACTION: Record<ForeseenAction, string> = {
  remove: 'an object would be deleted',
  restore: 'an object that was taken over would go back to how it stood',
  keep: 'it would stay',
  create: 'an object would be made',
  update: 'an object would be changed',
  person: 'a person would be asked',
  none: 'nothing would be done',
};

const OPERATION_STATUS: Record<OperationRecord['status'], string> = {
  running: 'not ended yet',
  succeeded: 'everything stands',
  undone: 'taken back',
  failed: 'ended with leftovers that somebody accepted',
  held: 'an operator must decide',
  'rollback-incomplete': 'something could not be taken back',
  interrupted: 'terminated in Temporal itself',
};

const OPERATION_KIND: Record<OperationKind, string> = {
  onboard: 'the first onboarding of an account',
  amend: 'a live account is brought to another spec',
  offboard: 'all that an account owns is removed',
  reconcile: 'what stands is compared with what was recorded, and brought back to it where that was asked for',
  sweep: 'objects of no account are looked for',
};

const ACCOUNT_STATE: Record<AccountLifeState, string> = {
  onboarding: 'its first onboarding has not succeeded yet',
  live: 'it is on board',
  changing: 'it is on board, and an operation changes it',
  offboarding: 'what it owns is removed',
  interrupted: 'its job was terminated in Temporal itself',
};

const DRIFT_KIND: Record<DriftKind, string> = {
  changed: 'fields that the account owns differ',
  duplicate: 'there is one more that carries the account’s marker and is not recorded',
  missing: 'it is gone',
  'not-ready': 'the vendor itself says that it does not work',
};

const FLEET_MODE: Record<FleetMode, string> = {
  observe: 'what stands is compared with what was recorded; nothing is written at a vendor',
  repair: 'and brought back to it, within the bounds that are set',
};

const FLEET_STATUS: Record<FleetStatus, string> = {
  running: 'it is under way',
  completed: 'every connection was read',
  stopped: 'it went no further, see stopped: nothing was repaired or recorded',
  failed: 'a connection could not be read, or the run was ended from outside; what the others showed stands',
};

const STOP_RULE: Record<StopRule, string> = {
  share: 'too large a share of the accounts of a connection differs',
  'same-field': 'too many accounts differ in the same field of a resource',
  emptied: 'none of the recorded objects of a kind stands, of two or more accounts',
  'no-accounts': 'objects with our marker stand, and no account is known at all',
  orphans: 'too large a share of the objects with our marker is claimed by no account',
  cancelled: 'somebody asked for it',
};

const SCAN_STATUS: Record<ConnectionScanStatus, string> = {
  reading: 'its lists are being read, or wait for their turn',
  read: 'it was read',
  unreadable: 'it could not be read, see reason; nothing is said of its accounts',
  'by-hand': 'a person does what is done there, and nothing can be read',
  stopped: 'a stop rule holds there, or ended the run before it was read',
};

const FLEET_OUTCOME: Record<FleetOutcome, string> = {
  noted: 'the account knows of it',
  repaired: 'it was brought back',
  failed: 'a vendor refused the repair, see reason',
  deferred: 'it was left for another run, see reason',
  capped: 'a cap keeps the account from being repaired',
};

/** Every enumeration that has a name in the API description; the schemas hold its values wherever it is used. */
export const ENUMERATIONS: Readonly<Record<string, Enumeration>> = {
  Chain: { description: 'What an account is taken on board of', values: CHAIN },
  Vendor: { description: 'Whose platform it is', values: VENDOR },
  JobStatus: { description: 'How far a job is', values: JOB_STATUS },
  StepStatus: { description: 'How far a step is', values: STEP_STATUS },
  StepOrigin: { description: 'What a step did', values: STEP_ORIGIN },
  Ownership: { description: 'How the account first came by an object; it lasts', values: OWNERSHIP },
  DriftKind: { description: 'How an object differs from what was recorded', values: DRIFT_KIND },
  WaitKind: { description: 'What a job waits for', values: WAIT_KIND },
  ErrorCode: { description: 'What went wrong at a vendor', values: ERROR_CODE },
  NotifyEvent: { description: 'What a notification is about', values: NOTIFY_EVENT },
  NotificationStatus: { description: 'What became of a notification', values: NOTIFICATION_STATUS },
  DeliveryCode: { description: 'Why a notification was not delivered', values: DELIVERY_CODE },
  CommandVerb: { description: 'What a command asks for', values: COMMAND_VERB },
  HandoffKind: { description: 'What a person is asked for', values: HANDOFF_KIND },
  PlannedAction: { description: 'What a start or a change would do now', values: PLANNED_ACTION },
  ForeseenAction: { description: 'What an offboarding, a repair or a removal would do now', values: FORESEEN_ACTION },
  OperationStatus: { description: 'How far an operation is', values: OPERATION_STATUS },
  OperationKind: { description: 'What an operation does', values: OPERATION_KIND },
  AccountState: { description: 'Where an account stands', values: ACCOUNT_STATE },
  ReconcileMode: { description: 'How far a reconciliation goes', values: FLEET_MODE },
  ReconciliationStatus: { description: 'How far a run over many accounts is', values: FLEET_STATUS },
  StopRule: { description: 'Why a run went no further', values: STOP_RULE },
  ConnectionScanStatus: { description: 'What a run has seen of a connection', values: SCAN_STATUS },
  ReconciliationOutcome: { description: 'What a run did about a difference', values: FLEET_OUTCOME },
};
