import { Context, log } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import {
  accountId,
  DELIVER_ACTIVITY,
  DELIVERY_TRIES,
  deliveryPauseMs,
  hostOf,
  type DeliverInput,
  type DeliverResult,
  type DeliveryFailureDetails,
  type SecretValue,
} from '#libs/contracts/index.js';
import { DeliveryError, signedHeaders, SigningSecretError, type Courier } from '#libs/notifications/index.js';
import { SealError, SecretReferenceError, UnknownKeyError } from '#libs/secrets/index.js';
import type { StepActivity } from './index.js';

/** What the delivery of notifications works with. */
export interface NotifyDeps {
  courier: Pick<Courier, 'post'>;
  /** Opens a sealed secret of an account, or resolves a reference. */
  open: (secret: SecretValue, accountId: string) => string;
  /** Over how many milliseconds all tries of a delivery are spread. */
  withinMs: number;
}

/** The activity that delivers notifications. Each call is one try; Temporal alone tries again, after pauses that grow. */
export function createNotifyActivities(deps: NotifyDeps): Record<string, StepActivity> {
  return {
    [DELIVER_ACTIVITY]: async (input: DeliverInput): Promise<DeliverResult> => {
      const { attempt } = Context.current().info;
      const { account, body, id, receiver } = input;
      const facts = {
        accountId: accountId(account),
        event: body.type,
        webhookId: id,
        host: hostOf(receiver.url),
        attempt,
      };
      try {
        const httpStatus = await deliver(deps, input);
        log.info('notification delivered', { ...facts, httpStatus });
        return { attempts: attempt, httpStatus };
      } catch (error) {
        const failure = toFailure(error, attempt, deps.withinMs);
        const last = failure.nonRetryable === true || attempt >= DELIVERY_TRIES;
        const outcome = last ? 'notification not delivered' : 'notification not delivered yet';
        log.warn(outcome, { ...facts, code: failure.type, reason: failure.message });
        throw failure;
      }
    },
  };
}

function deliver({ courier, open }: NotifyDeps, { account, body, id, receiver }: DeliverInput): Promise<number> {
  const payload = JSON.stringify(body);
  const secret = open(receiver.secret, accountId(account));
  return courier.post(receiver.url, payload, signedHeaders(secret, id, payload, new Date()));
}

function toFailure(error: unknown, attempt: number, withinMs: number): ApplicationFailure {
  const { fault, retryable } = asDeliveryError(error);
  const details: DeliveryFailureDetails = { ...fault, attempt };
  return ApplicationFailure.create({
    type: fault.code,
    message: fault.message,
    nonRetryable: !retryable,
    ...(retryable ? { nextRetryDelay: deliveryPauseMs(attempt, withinMs) } : {}),
    details: [details],
  });
}

function asDeliveryError(error: unknown): DeliveryError {
  if (error instanceof DeliveryError) return error;
  const told = isSecretFault(error);
  // A secret that cannot be had stays so until somebody acts; what nobody foresaw may be over by the next try.
  return new DeliveryError(
    {
      code: told ? 'SECRET_UNAVAILABLE' : 'NOT_DELIVERED',
      message: told ? `The message could not be signed: ${error.message}.` : `The delivery broke (${nameOf(error)}).`,
      httpStatus: null,
    },
    !told,
    { cause: error },
  );
}

/** Its own words may hold the address. */
function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

function isSecretFault(error: unknown): error is Error {
  return (
    error instanceof SigningSecretError ||
    error instanceof SecretReferenceError ||
    error instanceof SealError ||
    error instanceof UnknownKeyError
  );
}
