import type { PlantedBug } from './bugs.js';

function unit(...tests: string[]): PlantedBug['caughtBy'] {
  return { kind: 'unit', tests };
}

/** Mistakes that let somebody in, past a limit, or past the record. */
export const BORDER_BUGS: readonly PlantedBug[] = [
  {
    name: 'scope decorator left out',
    harm: 'whoever reaches the API reads what vendors issued',
    changes: [
      {
        file: 'apps/api/src/accounts/credentials.controller.ts',
        from: "  @NeedsScope('credentials:read', { recorded: true })\n",
        to: '',
      },
    ],
    caughtBy: unit('apps/api/src/auth/access.spec.ts'),
  },
  {
    name: 'raw URL compared',
    harm: 'one letter percent-encoded leads past authentication',
    changes: [
      {
        file: 'apps/api/src/auth/request-hook.ts',
        from: 'const access = accessOf(request);',
        to: "if (!request.url.startsWith('/v1/')) return;\n    const access = accessOf(request);",
      },
    ],
    caughtBy: unit('apps/api/src/auth/access.spec.ts'),
  },
  {
    name: 'tenant check only in the API',
    harm: 'a tenant that was taken off a connection goes on there with the jobs that it has',
    changes: [
      {
        file: 'activities/tenant-rights.ts',
        from: 'if (!node || mayUse(node.account.tenant)) return;',
        to: "if (!node || node.key !== '' || mayUse(node.account.tenant)) return;",
      },
    ],
    caughtBy: unit('activities/tenant-rights.spec.ts'),
  },
  {
    name: "message with another tenant's id",
    harm: 'a plan of one tenant tells what stands for another, and so what to name to use it',
    changes: [
      {
        file: 'libs/resources/sighting.ts',
        from: 'return seen.filter((each) => !isOtherTenants(each, node)).map(({ id }) => id);',
        to: "return seen.filter((each) => node.key !== '' || !isOtherTenants(each, node)).map(({ id }) => id);",
      },
    ],
    caughtBy: unit('libs/resources/sighting.spec.ts'),
  },
  {
    name: 'limit after rules',
    harm: 'a body of 2 MB keeps every other caller waiting while all its items are judged',
    changes: [
      {
        file: 'libs/schemas/parse-spec.ts',
        from: 'const { errors, warnings } = judged(document, options, cuts.length === 0);',
        to: 'const { errors, warnings } = judged(input, options, cuts.length === 0);',
      },
    ],
    caughtBy: unit('libs/schemas/limits.spec.ts'),
  },
  {
    name: 'wrong keys not counted',
    harm: 'keys can be guessed at any rate',
    changes: [
      {
        file: 'apps/api/src/auth/request-hook.ts',
        from: 'count(limiter, `address ${addressOwner(request.ip)}`);',
        to: '',
      },
    ],
    caughtBy: unit('apps/api/src/auth/request-hook.spec.ts'),
  },
  {
    name: 'tenant of an id not checked',
    harm: 'a key reads the accounts of every tenant',
    changes: [
      {
        file: 'apps/api/src/onboardings/jobs.ts',
        from: 'if (ref && mayUse(caller, ref.tenant)) return ref;',
        to: 'if (ref) return ref;',
      },
    ],
    caughtBy: unit('apps/api/src/audit/request-audit.spec.ts'),
  },
  {
    name: 'codec blind to tenants',
    harm: 'a key of one tenant decodes what Temporal keeps of all',
    changes: [
      {
        file: 'apps/api/src/codec/codec.ts',
        from: "return account ? mayUse(caller, account.tenant) : caller.tenants.includes('*');",
        to: 'return true;',
      },
    ],
    caughtBy: unit('apps/api/src/codec/codec.spec.ts'),
  },
  {
    name: 'cursor not bound to tenants',
    harm: 'a cursor of another caller leads on in a list',
    changes: [
      {
        file: 'apps/api/src/lists/cursor.ts',
        from: ', [...new Set(tenants)].sort()];',
        to: '];',
      },
    ],
    caughtBy: unit('apps/api/src/lists/cursor.spec.ts'),
  },
  {
    name: 'stream that outlives its token',
    harm: 'who has lost the right reads on for as long as the connection holds',
    changes: [
      {
        file: 'apps/api/src/events/streams.ts',
        from: 'if (!caller.isValid()) stream.end();',
        to: 'if (stream === undefined) throw new TypeError(caller.id);',
      },
    ],
    caughtBy: unit('apps/api/src/events/streams.spec.ts'),
  },
  {
    name: 'place of a stream not given back',
    harm: 'a caller that has opened fifty streams never gets another one',
    changes: [
      {
        file: 'apps/api/src/events/streams.ts',
        from: 'giveBack();\n      if (this.open.size === 0)',
        to: 'if (this.open.size === 0)',
      },
    ],
    caughtBy: unit('apps/api/src/events/streams.spec.ts'),
  },
  {
    name: 'audit line without chain',
    harm: 'a line can be taken out of the record, and nobody sees it',
    changes: [
      {
        file: 'libs/audit/audit-file.ts',
        from: 'const line = auditText(entry, this.head);',
        to: 'const line = auditText(entry, FIRST);',
      },
    ],
    caughtBy: unit('libs/audit/audit-file.spec.ts'),
  },
  {
    name: 'answer before the record',
    harm: 'what a full disk keeps out of the record is given out all the same',
    changes: [
      {
        file: 'apps/api/src/audit/request-audit.ts',
        from: 'metrics.auditFailed();',
        to: 'metrics.auditFailed();\n      if (audit !== undefined) return payload;',
      },
    ],
    caughtBy: unit('apps/api/src/audit/request-audit.spec.ts'),
  },
  {
    name: 'key that stands twice taken',
    harm: 'a proxy judges the first tenant of a body, the API takes the last',
    changes: [
      {
        file: 'libs/json/scan.ts',
        from: 'if (keys.has(key)) this.#note(this.duplicates);',
        to: '',
      },
    ],
    caughtBy: unit('libs/json/scan.spec.ts'),
  },
];
