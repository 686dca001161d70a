import type { FaultRuleInput } from '#apps/sandbox/src/faults/rules.js';
import { forward, held, LATE, LONG, own, SHORT, TARGETS, type Call, type Point, type Target } from './points.js';

/** The same resources, where their objects stand and are changed: what comes before and after is changed too. */
export const UPDATE_TARGETS: readonly Target[] = TARGETS.map((target) => {
  const { former } = target;
  return { ...target, former: former.operation === 'create' ? { ...former, operation: 'update' } : former };
});

/** The shifts of a whole run of these. */
export const UPDATE_SHIFTS: readonly number[] = UPDATE_TARGETS.map((_target, i) => i);

const nextUpdate = ({ next }: Target): Call => ({ ...next, operation: 'update' });

/** Refused for good, so that everything changed before is put back. */
function refused(target: Target): FaultRuleInput {
  const body = { code: '400-152', developerMessage: 'refused by the test', details: [] };
  return { match: { vendor: target.vendor, ...nextUpdate(target) }, effect: { kind: 'status', status: 400, body } };
}

/** On the way back, after the update that follows the target's was refused; in the call of a kind that comes as number `nth`. */
function backward(name: string, operation: Call['operation'], nth = 1, manner?: Parameters<typeof held>[3]): Point {
  const rules = (target: Target): FaultRuleInput[] => [
    refused(target),
    held(target, own(operation)(target), LONG, manner, nth),
  ];
  return { name, hold: LONG, gate: nextUpdate, rules, ends: 'rolled-back' };
}

const IN_UPDATE: readonly Point[] = [
  forward('in an update that never takes effect', SHORT, own('update'), { manner: 'never' }),
  forward('in an update, before its effect', SHORT, own('update')),
  forward('in an update, after its effect', LONG, own('update'), { manner: 'after its effect' }),
  forward('in an update that takes effect after the next attempt has looked', LATE, own('update')),
];

/** Every moment of a job that takes over what stands, and of its undo, which puts that back. */
export const UPDATE_POINTS: readonly Point[] = [
  forward('in the read before an update', LONG, own('get')),
  ...IN_UPDATE,
  forward('after an update', LONG, nextUpdate),
  ...IN_UPDATE.map((point): Point => ({ ...point, name: `cancelled ${point.name}`, ends: 'cancelled', cancel: true })),
  backward('in the look of undo', 'list'),
  backward('in the read before the former state is put back', 'get'),
  backward('in putting back, before its effect', 'update'),
  backward('in putting back, after its effect', 'update', 1, 'after its effect'),
  backward('in the proof that it is back', 'get', 2),
];
