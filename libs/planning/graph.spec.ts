import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlanNode } from '#libs/contracts/index.js';
import { chain12Spec, planOf } from '#test/factories/index.js';
import { criticalPath, dependants, inDependencyOrder, nodeOf, readyNodes, undoOrder } from './index.js';

const plan = planOf(chain12Spec());

function node(key: string, needs: string[]): PlanNode {
  return {
    key,
    vendor: 'egain',
    resource: 'channel',
    connection: 'c',
    title: key,
    needs,
    adopt: false,
    marker: '',
    body: {},
  };
}

/** Any graph without circles: a node needs some of those before it. */
const graphs = fc
  .array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 12 })
  .map((needs) =>
    needs.map((list, index) => node(`n${index}`, index === 0 ? [] : [...new Set(list.map((n) => `n${n % index}`))])),
  );

describe('the order of a plan', () => {
  it('starts everything that needs nothing at once', () => {
    expect(readyNodes(plan, new Set(), new Set()).map((n) => n.key)).toEqual([
      'egain.authentication',
      'egain.channel.custom.acme',
      'egain.channel.custom.acme-shop',
      'sinch.app',
    ]);
  });

  it('does not start again what was started', () => {
    const started = new Set(['egain.authentication', 'sinch.app']);
    expect(readyNodes(plan, new Set(['sinch.app']), started).map((n) => n.key)).toEqual([
      'egain.channel.custom.acme',
      'egain.channel.custom.acme-shop',
      'sinch.webhook.4ec1d883',
      'sinch.channels',
    ]);
  });

  it('finds dependants through others', () => {
    expect(dependants(plan, 'egain.bot.clientApplication')).toEqual([
      'egain.bot.participant',
      'egain.orchestration',
      'egain.account.custom.acme',
      'egain.account.custom.acme-shop',
    ]);
    expect(dependants(plan, 'sinch.channels')).toEqual([]);
  });

  it('names the longest chain', () => {
    expect(criticalPath(plan)).toEqual([
      'egain.authentication',
      'egain.bot.clientApplication',
      'egain.bot.participant',
      'egain.orchestration',
      'egain.account.custom.acme',
    ]);
  });

  it('refuses a key that is there twice, a need that is not there, and a circle', () => {
    expect(() => inDependencyOrder([node('a', []), node('a', [])])).toThrow('same key');
    expect(() => inDependencyOrder([node('a', ['b'])])).toThrow('circle');
    expect(() => inDependencyOrder([node('a', ['b']), node('b', ['a'])])).toThrow('circle');
    expect(() => nodeOf(plan, 'sinch.nothing')).toThrow('sinch.nothing');
  });

  it('undoes each node before what it needs, in any graph', () => {
    fc.assert(
      fc.property(graphs, (nodes) => {
        const order = undoOrder({ nodes });
        expect(new Set(order)).toEqual(new Set(nodes.map((n) => n.key)));
        for (const n of nodes) {
          for (const need of n.needs) expect(order.indexOf(n.key)).toBeLessThan(order.indexOf(need));
        }
      }),
    );
  });

  it('gets through any graph by starting what is ready, and puts any order right', () => {
    fc.assert(
      fc.property(graphs, (nodes) => {
        const done = new Set<string>();
        for (let ready = readyNodes({ nodes }, done, done); ready.length > 0;) {
          for (const n of ready) done.add(n.key);
          ready = readyNodes({ nodes }, done, done);
        }
        expect(done.size).toBe(nodes.length);
        expect(inDependencyOrder([...nodes].reverse())).toHaveLength(nodes.length);
      }),
    );
  });
});
