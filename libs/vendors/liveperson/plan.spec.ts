import { describe, expect, it } from 'vitest';
import { isHandedOff, mayBecomeHandoff, type OnboardingSpec, type PlanNode } from '#libs/contracts/index.js';
import {
  connectorManifest,
  edited,
  livepersonSpec,
  livepersonTextSpec,
  planningContext,
  planOf,
} from '#test/factories/index.js';
import { planOnboarding, redact, redactBody } from '#libs/onboarding/index.js';
import { expandTexts, PlanningError } from '#libs/planning/index.js';

const HEADER = '/manifest/capabilities/webhooks/ms.MessagingEventNotification.ContentEvent/headers/0/header_value';

describe('the plan of the liveperson chain', () => {
  it('is one node that needs nothing and carries no marker', () => {
    const { nodes } = planOnboarding(livepersonSpec({ adopt: ['liveperson.app'] }), planningContext());
    expect(nodes).toEqual([
      {
        key: 'liveperson.app',
        vendor: 'liveperson',
        vendorLabel: 'LivePerson',
        resource: 'app',
        connection: 'liveperson-acme',
        title: 'LivePerson app',
        needs: [],
        adopt: true,
        marker: '',
        body: { manifest: connectorManifest() },
      },
    ]);
  });

  it('keeps the text of a manifest byte for byte beside what it holds', () => {
    const spec = livepersonTextSpec();
    const plan = planOnboarding(spec, planningContext());
    const [node] = plan.nodes;
    expect(expandTexts(node?.body ?? {}, plan.texts)).toEqual({
      manifest: connectorManifest(),
      text: spec.liveperson?.text,
    });
  });

  it('holds no header value, neither as a field nor inside the text', () => {
    for (const spec of [livepersonSpec(), livepersonTextSpec()]) {
      expect(JSON.stringify(planOf(spec))).not.toContain('header-secret');
    }
  });

  it('keeps a sealed text once, though spec and node both have it', () => {
    const { texts } = planOf(livepersonTextSpec());
    expect(texts.filter((text) => text.startsWith('sealed:'))).toHaveLength(1);
  });

  it('hashes alike for the same manifest, and anew for another header value or another spelling', () => {
    const { planHash } = planOf(livepersonSpec());
    expect(planOf(livepersonSpec()).planHash).toBe(planHash);
    const changed = edited({ manifest: connectorManifest() }, HEADER, 'other-secret')['manifest'];
    const others = [
      livepersonTextSpec(),
      livepersonSpec({ liveperson: { manifest: changed as ReturnType<typeof connectorManifest> } }),
    ];
    for (const spec of others) expect(planOf(spec).planHash).not.toBe(planHash);
  });

  it('is shown without secrets', () => {
    const plan = planOf(livepersonTextSpec());
    const [node] = plan.nodes;
    if (!node) throw new Error('no node');
    const manifest = edited({ manifest: connectorManifest() }, HEADER, '[secret]')['manifest'];
    expect(redactBody(node, plan.texts)).toEqual({ manifest, text: '[secret]' });
    expect(redact(plan.spec, plan.texts)['liveperson']).toEqual({ manifest, text: '[secret]' });
  });

  it('has all of it done by a person where the connection says so, and only what is hidden where it does not', () => {
    const handoff = { dueInMs: 86_400_000, remindEveryMs: 3_600_000, contact: 'lp-desk@acme.example' };
    const spec = livepersonSpec({ liveperson: { manifest: connectorManifest(), handoff } });
    const nodeFor = (mode: 'api' | 'handoff'): PlanNode | undefined =>
      planOnboarding(spec, planningContext({ facts: { liveperson: { mode, accountId: '12345678' } } })).nodes[0];
    const [byApi, byHand] = [nodeFor('api'), nodeFor('handoff')];
    expect(byHand?.person).toMatchObject({
      ...handoff,
      asks: { install: expect.stringContaining('12345678') as string },
    });
    expect(Object.keys(byHand?.person?.asks ?? {})).toEqual(['install', 'update', 'remove']);
    expect(Object.keys(byApi?.person?.asks ?? {})).toEqual(['secret']);
    expect([byApi, byHand].map((node) => node && isHandedOff(node))).toEqual([false, true]);
    expect(byApi && byHand && mayBecomeHandoff(byApi, byHand)).toBe(true);
    expect(byApi && byHand && mayBecomeHandoff(byHand, byApi)).toBe(false);
    expect(JSON.stringify(byHand?.person?.asks)).not.toMatch(/com\.acme|Acme|header-secret/);
  });

  it('gives a person 30 days, and reminds of nothing unless asked to', () => {
    const ctx = planningContext({ facts: { liveperson: { mode: 'handoff', accountId: '12345678' } } });
    const [node] = planOnboarding(livepersonSpec(), ctx).nodes;
    expect(node?.person).toMatchObject({ dueInMs: 30 * 86_400_000 });
    expect(node?.person).not.toHaveProperty('remindEveryMs');
  });

  it.each<[string, Partial<OnboardingSpec>, string]>([
    [
      'a reference, which only workers resolve',
      {
        liveperson: {
          manifest: edited({ manifest: connectorManifest() }, HEADER, { env: 'GANGWAY_SECRET_X' })[
            'manifest'
          ] as ReturnType<typeof connectorManifest>,
        },
      },
      `/liveperson${HEADER}`,
    ],
    ['a wish to take an app over', { adopt: ['liveperson.app'] }, '/adopt'],
  ])('hands no manifest to a person with %s', (_what, change, pointer) => {
    const plan = (mode: 'api' | 'handoff'): unknown =>
      planOnboarding(livepersonSpec(change), planningContext({ facts: { liveperson: { mode, accountId: '1' } } }));
    expect(() => plan('api')).not.toThrow();
    expect(() => plan('handoff')).toThrow(expect.objectContaining({ pointer }) as Error);
  });

  it('is refused without its section', () => {
    const { liveperson: _liveperson, ...spec } = livepersonSpec();
    expect(() => planOnboarding(spec, planningContext())).toThrow(PlanningError);
  });
});
