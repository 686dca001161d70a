import { describe, expect, it } from 'vitest';
import {
  connectorManifest,
  edited,
  livepersonSpec,
  livepersonTextSpec,
  planningContext,
  planOf,
} from '#test/factories/index.js';
import { expandTexts, planOnboarding, PlanningError, redact, redactBody } from './index.js';

const HEADER = '/manifest/capabilities/webhooks/ms.MessagingEventNotification.ContentEvent/headers/0/header_value';

describe('the plan of the liveperson chain', () => {
  it('is one node that needs nothing and carries no marker', () => {
    const { nodes } = planOnboarding(livepersonSpec({ adopt: ['liveperson.app'] }), planningContext());
    expect(nodes).toEqual([
      {
        key: 'liveperson.app',
        vendor: 'liveperson',
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

  it('is refused without its section', () => {
    const { liveperson: _liveperson, ...spec } = livepersonSpec();
    expect(() => planOnboarding(spec, planningContext())).toThrow(PlanningError);
  });
});
