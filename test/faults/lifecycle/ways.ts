import type { FaultRuleInput } from '#apps/sandbox/src/faults/rules.js';
import type { Sandbox } from '#apps/sandbox/src/server.js';
import type { JobStatus, OnboardingSpec, Plan } from '#libs/contracts/index.js';
import { chain12Spec } from '#test/factories/index.js';
import type { NextOperation } from '#test/support/engine.js';
import { ownObjects } from './state.js';

export const WAYS = ['amend', 'amend and back', 'offboard', 'observe', 'repair'] as const;
export type WayName = (typeof WAYS)[number];

/** An operation on a live account, as a cell performs it. */
export interface Way {
  name: WayName;
  /** What is changed at the vendors out of band before it begins. */
  drift?: (sandbox: Sandbox, id: string) => void;
  operation(plan: Plan): NextOperation;
  /** Holds it before its fault comes into force; it then goes back. */
  hold?: FaultRuleInput;
  /** How it ends without a fault. */
  well: JobStatus;
}

/** The account as it is onboarded. */
export function liveSpec(tenant: string): OnboardingSpec {
  return chain12Spec({ tenant, onFailure: 'rollback' });
}

/** A spec that changes an object of every kind that can be changed, has a channel more and one less, and other secrets. */
export function amendedSpec(tenant: string, onFailure: OnboardingSpec['onFailure']): OnboardingSpec {
  const spec = structuredClone(chain12Spec({ tenant, onFailure }));
  const { egain, sinch } = spec;
  const [first, second] = egain?.channels ?? [];
  if (!egain || !sinch || !first || !second) throw new Error('the factory makes both sections');
  egain.channels = [
    { ...first, account: { ...first.account, address: '+15550188' } },
    { ...second, type: 'custom.acme-desk' },
  ];
  egain.authentication = { type: 'basic', basicAuth: { username: 'hub', password: 'amended-password' } };
  sinch.app = { ...sinch.app, display_name: 'Acme amended' };
  sinch.webhooks = sinch.webhooks.map((hook) => ({ ...hook, secret: 'amended-secret' }));
  return spec;
}

/** The account's first address has changed, and its authentication is gone. */
function drift(sandbox: Sandbox, id: string): void {
  for (const { kind, object } of ownObjects(sandbox, id)) {
    const own = object['id'] as string;
    if (kind === 'egain.account' && object['address'] === '+15550100')
      sandbox.edit('egain', 'account', own, { address: '+15559999' });
    if (kind === 'sinch.webhook') sandbox.remove('sinch', 'webhook', own);
  }
}

/** The ways by name. */
export const WAY_OF: Readonly<Record<WayName, Way>> = {
  amend: { name: 'amend', operation: (plan) => ({ kind: 'amend', plan }), well: 'succeeded' },
  'amend and back': {
    name: 'amend and back',
    operation: (plan) => ({ kind: 'amend', plan }),
    // The last that it does: by then all has been written, and what referred to the channel is gone.
    hold: {
      match: { vendor: 'egain', resource: 'channel', operation: 'delete' },
      effect: { kind: 'status', status: 403 },
    },
    well: 'rolled-back',
  },
  offboard: { name: 'offboard', operation: () => ({ kind: 'offboard' }), well: 'succeeded' },
  observe: { name: 'observe', drift, operation: () => ({ kind: 'reconcile', mode: 'observe' }), well: 'succeeded' },
  repair: { name: 'repair', drift, operation: () => ({ kind: 'reconcile', mode: 'repair' }), well: 'succeeded' },
};
