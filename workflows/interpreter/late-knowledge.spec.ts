import { ApplicationFailure } from '@temporalio/common';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Plan, Standing } from '#libs/contracts/index.js';
import { node, planOf, refused, vendors } from './transition.fixture.js';
import { Transition } from './transition.js';

vi.mock('@temporalio/workflow', async () => (await import('./transition.fixture.js')).workflowMock);

beforeEach(() => vendors.reset());

const app = node('app');
const channel = node('channel');
const recordedPlan = planOf([app, channel]);
const wantedPlan = planOf([app], 'wanted');
const never = (): boolean => false;

function transition(from: Standing, to: Plan | null, cutOff: Plan[] = []): Transition {
  return new Transition({ from, to, cutOff, changed: () => undefined });
}

/** What the removal of the channel was told of calls that may still take effect. */
function waitsFor(): string | null {
  return vendors.last('channel.remove').knowledge.inFlightSince;
}

describe('the removal of what a plan has dropped', () => {
  it('waits for nothing where nothing has touched it', async () => {
    expect(await transition(vendors.standing(recordedPlan), wantedPlan).apply(true)).toBeNull();
    expect(waitsFor()).toBeNull();
  });

  it.each([
    { reason: 'an amendment that dropped it was cut off, and may have led back to it', to: wantedPlan },
    { reason: 'the same, and the account is taken off', to: null },
  ])('waits for what may have made it anew since: $reason', async ({ to }) => {
    const from = vendors.standing(recordedPlan);
    const operation = transition(from, to, [wantedPlan]);
    if (to) expect(await operation.apply(true)).toBeNull();
    else expect(await operation.leave(never)).toEqual([]);
    expect(waitsFor()).not.toBeNull();
    expect(operation.standing().map(({ key }) => key)).toEqual(to ? ['egain.app'] : []);
  });

  it('is not told as standing any more once it is gone, though something else could not be removed', async () => {
    const operation = transition(vendors.standing(recordedPlan), null, [wantedPlan]);
    vendors.failing.set('app.remove', refused());
    expect(await operation.leave(never)).toMatchObject([{ key: 'egain.app' }]);
    expect(operation.standing().map(({ key }) => key)).toEqual([...vendors.objects.keys()]);
    expect([...vendors.objects.keys()]).toEqual(['egain.app']);
  });

  it('still waits for a write that never answered before it was dropped', async () => {
    const from = vendors.standing(recordedPlan);
    const operation = transition(from, planOf([app, node('channel', [], { color: 'red' })]));
    vendors.failing.set('channel.ensure', refused(true));
    expect(await operation.apply(false)).toMatchObject({ step: 'egain.channel' });
    vendors.failing.clear();
    await operation.replan(wantedPlan);
    expect(await operation.apply(false)).toBeNull();
    expect(waitsFor()).not.toBeNull();
  });

  it('that has failed is told, when it is tried again, what it was removing and that it may still take effect', async () => {
    const operation = transition(vendors.standing(recordedPlan), wantedPlan);
    const removing = [{ id: 'channel-2', issued: { token: 'sealed' } }];
    const details = [{ unclear: true, removing }];
    vendors.failing.set(
      'channel.remove',
      ApplicationFailure.create({ type: 'VENDOR_UNAVAILABLE', message: 'away', details }),
    );
    expect(await operation.apply(false)).toMatchObject({ step: 'egain.channel' });
    expect(waitsFor(), 'the first one knows of nothing').toBeNull();
    vendors.failing.clear();
    expect(await operation.apply(false)).toBeNull();
    expect(vendors.last('channel.remove').knowledge).toMatchObject({ removing });
    expect(waitsFor()).not.toBeNull();
    expect(vendors.objects.has('egain.channel')).toBe(false);
  });
});
