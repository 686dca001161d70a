import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { Metrics } from '#apps/api/src/health/metrics.js';
import { vendorMeter } from '#apps/worker/src/vendor-meter.js';

const PAGE = fs.readFileSync('docs/operations.md', 'utf8');
const METRIC = /\b(?:gangway|temporal)_[a-z_]+\b/g;
/** What Prometheus makes of one histogram. */
const SUFFIX = /_(?:bucket|count|sum)$/;

interface Rules {
  groups: { rules: { alert: string; expr: string; for?: string }[] }[];
}

const rules = (parse(/```yaml\n(groups:[\s\S]*?)```/.exec(PAGE)?.[1] ?? '') as Rules).groups.flatMap(
  (group) => group.rules,
);

const dashboard = JSON.parse(fs.readFileSync('docs/grafana-dashboard.json', 'utf8')) as {
  panels: { id: number; title: string; targets: { expr: string }[] }[];
};

function namesIn(text: string): string[] {
  return [...new Set([...text.matchAll(METRIC)].map(([name]) => name.replace(SUFFIX, '')))].sort();
}

/** What the API exports, by its own registry. */
async function ofApi(): Promise<string[]> {
  const metrics = new Metrics(
    () => 0,
    () => Promise.resolve(new Map()),
    () => Promise.resolve(0),
    () => Promise.resolve({ drifted: new Map(), schedules: [] }),
  );
  const { text } = await metrics.read();
  return [...text.matchAll(/^# TYPE (gangway_\w+) /gm)].map(([, name]) => name ?? '');
}

/** What a worker exports of its connections; the SDK adds the ending of counters. */
function ofWorker(): string[] {
  const names: string[] = [];
  const counter = { withTags: () => counter, add: () => undefined };
  const createCounter = (name: string): typeof counter => {
    names.push(`${name}_total`);
    return counter;
  };
  vendorMeter({ createCounter } as unknown as Parameters<typeof vendorMeter>[0], { vendor: 'egain', name: 'main' });
  return names;
}

/** True for a metric of the SDK: its name, without prefix and endings, is in the SDK's native part. */
function isOfSdk(name: string): boolean {
  const releases = path.resolve('node_modules/@temporalio/core-bridge/releases');
  const [target = ''] = fs.readdirSync(releases).filter((each) => each.includes(process.platform));
  const bare = name.replace(/^temporal_/, '').replace(/_total$|_seconds$/, '');
  native ??= fs.readFileSync(path.join(releases, target, 'index.node'));
  return native.includes(bare);
}
let native: Buffer | undefined;

/** Names that nobody exports. */
async function unknown(names: readonly string[]): Promise<string[]> {
  const ours = [...(await ofApi()), ...ofWorker()];
  return names.filter((name) => (name.startsWith('gangway_') ? !ours.includes(name) : !isOfSdk(name)));
}

describe('the metrics that the operations page names', () => {
  it('are those that are exported, all of them and no others', async () => {
    const exported = [...(await ofApi()), ...ofWorker()].sort();
    expect(exported.length).toBeGreaterThan(8);
    expect(namesIn(PAGE).filter((name) => name.startsWith('gangway_'))).toEqual(exported);
    expect(await unknown(namesIn(PAGE))).toEqual([]);
  });

  it('are held to that: a name that is spelt wrongly is found', async () => {
    expect(await unknown(['gangway_vendor_call_total', 'temporal_workflow_task_execution_broken_total'])).toHaveLength(
      2,
    );
  });
});

describe('the alert rules', () => {
  it.each(rules)('$alert asks for metrics that there are', async ({ expr, for: held }) => {
    const names = namesIn(expr);
    expect(names).not.toEqual([]);
    expect(await unknown(names)).toEqual([]);
    expect(held).toMatch(/^\d+m$/);
  });

  it('are there for what stops jobs: the engine away, no worker, workflows that cannot go on, a vendor that fails', () => {
    expect(rules.map(({ alert }) => alert)).toEqual(
      expect.arrayContaining(['GangwayUnavailable', 'GangwayNoWorker', 'GangwayWorkflowStuck', 'GangwayVendorFails']),
    );
  });
});

describe('docs/grafana-dashboard.json', () => {
  it.each(dashboard.panels)('shows $title by metrics that there are', async ({ targets }) => {
    expect(targets).not.toEqual([]);
    expect(await unknown(namesIn(targets.map(({ expr }) => expr).join(' ')))).toEqual([]);
  });

  it('gives each panel an id of its own', () => {
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
  });
});
