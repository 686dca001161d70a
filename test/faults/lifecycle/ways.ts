import type { FaultRuleInput } from '#apps/sandbox/src/faults/rules.js';
import type { Sandbox } from '#apps/sandbox/src/server.js';
import type { KnobChanges } from '#apps/sandbox/src/knobs.js';
import type { JobStatus, OnboardingSpec, Plan } from '#libs/contracts/index.js';
import { chain12Spec, minimalEgainSpec } from '#test/factories/index.js';
import type { NextOperation } from '#test/support/engine.js';
import { ownObjects } from './state.js';

export const WAYS = [
  'amend',
  'amend and back',
  'carry over',
  'carry over and back',
  'exchange',
  'exchange and back',
  'offboard',
  'observe',
  'repair',
] as const;
export type WayName = (typeof WAYS)[number];

/** An operation on a live account, as a cell performs it. */
export interface Way {
  name: WayName;
  /** The account as it is onboarded. */
  live(tenant: string): OnboardingSpec;
  /** What an amendment of it wants. */
  amended(tenant: string, onFailure: OnboardingSpec['onFailure']): OnboardingSpec;
  /** How the vendors are, besides what a sandbox starts with. */
  knobs?: KnobChanges;
  /** What is changed at the vendors out of band before it begins. */
  drift?: (sandbox: Sandbox, id: string) => void;
  operation(plan: Plan): NextOperation;
  /** Holds it before its fault comes into force; it then goes back. */
  hold?: FaultRuleInput;
  /** How it ends without a fault. */
  well: JobStatus;
}

/** The full chain. */
function liveSpec(tenant: string): OnboardingSpec {
  return chain12Spec({ tenant, onFailure: 'rollback' });
}

/** An account of eGain with a name of its own, and an app of Sinch with as many webhooks as it takes. */
export function fullSpec(
  tenant: string,
  { channel, hooks, ...more }: { channel: string; hooks: string; onFailure?: OnboardingSpec['onFailure'] },
): OnboardingSpec {
  const spec = structuredClone(minimalEgainSpec({ tenant, ...more }));
  const [only] = spec.egain?.channels ?? [];
  if (!spec.egain || !only) throw new Error('the factory makes a channel');
  const webhooks = Array.from({ length: 5 }, (_, i) => ({
    target: `https://acme.example/${hooks}/${String(i)}`,
    triggers: [hooks === 'old' ? 'MESSAGE_INBOUND' : 'MESSAGE_DELIVERY'],
    secret: `${hooks}-secret`,
  }));
  return {
    ...spec,
    connections: { egain: 'egain-main', sinch: 'sinch-eu' },
    egain: { ...spec.egain, channels: [{ ...only, type: channel, account: { ...only.account, name: 'acme line' } }] },
    sinch: { app: { display_name: 'Acme', channel_credentials: [] }, webhooks, waitForActive: false },
  };
}

const beforeCarry = (tenant: string): OnboardingSpec => fullSpec(tenant, { channel: 'custom.acme', hooks: 'old' });
/** The same name on another channel, and every webhook another one: none can stand beside what it takes the place of. */
const afterCarry: Way['amended'] = (tenant, onFailure) =>
  fullSpec(tenant, { channel: 'custom.acme-desk', hooks: 'new', onFailure });

/** A spec that changes an object of every kind that can be changed, has a channel more and one less, and other secrets. */
function amendedSpec(tenant: string, onFailure: OnboardingSpec['onFailure']): OnboardingSpec {
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

/** Holds an amendment before its fault comes into force: at the last that it does, when all else has been written. */
const AT_THE_LAST: FaultRuleInput = {
  match: { vendor: 'egain', resource: 'channel', operation: 'delete' },
  effect: { kind: 'status', status: 403 },
};
/** Vendors that let no object become another: what is dropped goes before its successor comes. */
const REFUSING: KnobChanges = {
  egain: { accountChannelChange: 'refused' },
  sinch: { webhookTargetChange: 'refused' },
};

const AMENDED = {
  live: liveSpec,
  amended: amendedSpec,
  operation: (plan: Plan): NextOperation => ({ kind: 'amend', plan }),
};
const CARRIED = { ...AMENDED, live: beforeCarry, amended: afterCarry };
const RECONCILED = { live: liveSpec, amended: amendedSpec, drift, well: 'succeeded' } as const;

/** The ways by name. */
export const WAY_OF: Readonly<Record<WayName, Way>> = {
  amend: { name: 'amend', ...AMENDED, well: 'succeeded' },
  'amend and back': { name: 'amend and back', ...AMENDED, hold: AT_THE_LAST, well: 'rolled-back' },
  'carry over': { name: 'carry over', ...CARRIED, well: 'succeeded' },
  'carry over and back': { name: 'carry over and back', ...CARRIED, hold: AT_THE_LAST, well: 'rolled-back' },
  exchange: { name: 'exchange', ...CARRIED, knobs: REFUSING, well: 'succeeded' },
  'exchange and back': {
    name: 'exchange and back',
    ...CARRIED,
    knobs: REFUSING,
    hold: AT_THE_LAST,
    well: 'rolled-back',
  },
  offboard: {
    name: 'offboard',
    live: liveSpec,
    amended: amendedSpec,
    operation: () => ({ kind: 'offboard' }),
    well: 'succeeded',
  },
  observe: { name: 'observe', ...RECONCILED, operation: () => ({ kind: 'reconcile', mode: 'observe' }) },
  repair: { name: 'repair', ...RECONCILED, operation: () => ({ kind: 'reconcile', mode: 'repair' }) },
};

/** Ways that bring an account to another spec. */
export const FORTH: readonly WayName[] = ['amend', 'carry over', 'exchange'];
/** Ways that lead back from there. */
export const BACK: readonly WayName[] = ['amend and back', 'carry over and back', 'exchange and back'];
