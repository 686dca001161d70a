import type { PlantedBug } from './bugs.js';

const REGISTRY: PlantedBug['caughtBy'] = { kind: 'unit', tests: ['libs/registry/read-registry.spec.ts'] };
const SCAN: PlantedBug['caughtBy'] = { kind: 'unit', tests: ['libs/fleet/scan.spec.ts'] };
const JOIN: PlantedBug['caughtBy'] = { kind: 'unit', tests: ['libs/fleet/join.spec.ts'] };

/** Mistakes that are easy to make where all accounts are compared with what the vendors list. */
export const FLEET_BUGS: readonly PlantedBug[] = [
  {
    name: 'the registry reads what runs alone',
    harm: 'an account that continues as new while the list is read is missed, and its objects are called orphans',
    changes: [
      {
        file: 'libs/registry/read-registry.ts',
        from: "(ExecutionStatus = 'Running' OR (ExecutionStatus = 'ContinuedAsNew' AND CloseTime > '${since}'))",
        to: "ExecutionStatus = 'Running'",
      },
    ],
    caughtBy: REGISTRY,
  },
  {
    name: 'an account that cannot be decoded is none',
    harm: 'a worker without a former key calls everything an orphan that was made under it',
    changes: [
      {
        file: 'libs/registry/read-registry.ts',
        from: "return { ...base, status: 'unreadable', cap: 'repair', version: 0, connections: null };",
        to: 'return undefined;',
      },
    ],
    caughtBy: REGISTRY,
  },
  {
    name: 'the registry is read after the lists',
    harm: 'an account whose onboarding ended meanwhile seems to miss all that it has made',
    changes: [
      { file: 'libs/fleet/scan.ts', from: 'await claims.read();\n    result.accounts', to: 'result.accounts' },
      {
        file: 'libs/fleet/scan.ts',
        from: 'for (const resource of this.deps.resources) await this.list(resource);',
        to: 'for (const resource of this.deps.resources) await this.list(resource);\n    await claims.read();',
      },
    ],
    caughtBy: SCAN,
  },
  {
    name: 'what no list shows is missing',
    harm: 'an object that a shift of the list has hidden is made a second time by the repair',
    changes: [
      {
        file: 'libs/fleet/confirming.ts',
        from: 'const seen = await patiently(pace, () => resource.get(client, recorded.externalId, read));',
        to: 'const seen = null as SeenObject | null;',
      },
    ],
    caughtBy: SCAN,
  },
  {
    name: 'a refused read is taken for an object that is not there',
    harm: 'credentials that lost a right make a whole fleet look deleted',
    changes: [
      {
        file: 'libs/fleet/confirming.ts',
        from: 'const seen = await patiently(pace, () => resource.get(client, recorded.externalId, read));',
        to: 'const seen = await patiently(pace, () => resource.get(client, recorded.externalId, read)).catch(() => null);',
      },
    ],
    caughtBy: SCAN,
  },
  {
    name: 'a marker of another installation is taken for ours',
    harm: 'what staging has made in the same vendor account is removed by production as an orphan',
    changes: [
      {
        file: 'libs/fleet/join.ts',
        from: 'seen.marker?.installation === this.installation ? seen.marker : undefined',
        to: 'seen.marker',
      },
    ],
    caughtBy: JOIN,
  },
  {
    name: 'an account that was terminated has no account',
    harm: 'what a job that was cut off left, and still tells of, is removed under the eyes of who cleans it up',
    changes: [
      {
        file: 'libs/registry/read-account.ts',
        from: "? 'absent' : 'cut-off' };",
        to: "? 'absent' : 'absent' };",
      },
    ],
    caughtBy: SCAN,
  },
  {
    name: 'the fingerprint is believed where the vendor says that something does not work',
    harm: 'a channel that fails, and looks as it was made, counts as in sync for ever',
    changes: [
      {
        file: 'libs/fleet/join.ts',
        from: 'owners.filter(({ same }) => !same || seen.trouble !== undefined)',
        to: 'owners.filter(({ same }) => !same)',
      },
    ],
    caughtBy: JOIN,
  },
  {
    name: 'the fingerprint decides instead of the fields',
    harm: 'after a release that compares otherwise every object of the fleet is read one by one',
    changes: [
      {
        file: 'libs/fleet/scan.ts',
        from: 'if (seen.trouble === undefined && !(await this.differs(claimant, resource, seen))) continue;',
        to: '',
      },
    ],
    caughtBy: SCAN,
  },
  {
    name: 'a run that was stopped still notes',
    harm: 'a list that was answered for another tenant is written on every account as its drift',
    changes: [
      {
        file: 'workflows/reconcile-fleet.workflow.ts',
        from: 'this.stop({ ...stopped.result.stopped, connection: stopped.connection });\n      return;',
        to: 'this.stop({ ...stopped.result.stopped, connection: stopped.connection });\n      await this.note();\n      return;',
      },
    ],
    caughtBy: { kind: 'integration', tests: ['test/integration/fleet/stops.spec.ts'] },
  },
  {
    name: 'an orphan is removed by a run that observes',
    harm: 'whoever only asks what nobody claims has it deleted',
    changes: [
      {
        file: 'workflows/reconcile-fleet.workflow.ts',
        from: "if (mode === 'repair' && removeOrphans) await this.sweep",
        to: 'if (removeOrphans) await this.sweep',
      },
    ],
    caughtBy: { kind: 'integration', tests: ['test/integration/fleet/orphans.spec.ts'] },
  },
];
