/** A known mistake, as a change of the code's text, and the tests that must notice it. */
export interface PlantedBug {
  name: string;
  /** What would happen in the field. */
  harm: string;
  /** Replacements; each text must stand exactly once in its file. */
  changes: { file: string; from: string; to: string }[];
  /** `unit`: run from the sources. `integration`: built, against a real server. `cell`: which cells of the fault matrix. */
  caughtBy: { kind: 'unit' | 'integration'; tests: string[]; cell?: string };
}

const RESOURCES = { kind: 'unit', tests: ['libs/resources/ensure.spec.ts', 'libs/resources/remove.spec.ts'] } as const;
const CHAIN = { kind: 'integration', tests: ['test/integration/chain.spec.ts'] } as const;
const OPERATOR = { kind: 'integration', tests: ['test/integration/operator.spec.ts'] } as const;

const CRASH = { kind: 'integration', tests: ['test/faults/crash.spec.ts'] } as const;

function matrixCell(cell: string): PlantedBug['caughtBy'] {
  return { kind: 'integration', tests: ['test/faults/matrix.spec.ts'], cell };
}

/** Mistakes that are easy to make in an engine like this one; most stand in public code. */
export const PLANTED_BUGS: readonly PlantedBug[] = [
  {
    name: 'undo registered after the do',
    harm: 'a step that failed although it took effect leaves its object behind',
    changes: [
      {
        file: 'workflows/interpreter/transition.ts',
        from: 'run.touched = true; // before it runs: a lost reply may still have taken effect',
        to: '',
      },
      {
        file: 'workflows/interpreter/transition.ts',
        from: 'Object.assign(run, { result, byRecord: false,',
        to: 'Object.assign(run, { touched: true, result, byRecord: false,',
      },
    ],
    caughtBy: { kind: CHAIN.kind, tests: [...CHAIN.tests] },
  },
  {
    name: 'undo in the cancelled scope',
    harm: 'a cancel leaves everything that was made',
    changes: [
      {
        file: 'workflows/apply-plan.ts',
        from: 'return CancellationScope.nonCancellable(() => takeBack(run, fault));',
        to: 'return takeBack(run, fault);',
      },
    ],
    caughtBy: { kind: OPERATOR.kind, tests: [...OPERATOR.tests] },
  },
  {
    name: 'leftovers swallowed',
    harm: 'a job that could not be undone is reported as rolled back',
    changes: [
      {
        file: 'workflows/apply-plan.ts',
        from: 'if (leftovers.length === 0) break;',
        to: 'if (leftovers.length >= 0) break;',
      },
    ],
    caughtBy: { kind: OPERATOR.kind, tests: [...OPERATOR.tests] },
  },
  {
    name: 'undo in wrong order',
    harm: 'the vendor refuses to delete what is still referred to',
    changes: [
      {
        file: 'workflows/interpreter/undo.ts',
        from: '!runs.referring(run).some((other) => open.has(other) || running.has(other))',
        to: 'runs.referring(run).length >= 0',
      },
    ],
    caughtBy: { kind: CHAIN.kind, tests: [...CHAIN.tests] },
  },
  {
    name: 'blind retry of a create',
    harm: 'a lost reply makes a second object',
    changes: [
      { file: 'libs/resources/ensure.ts', from: 'if (this.inFlight) return this.lookWhileInFlight();', to: '' },
      {
        file: 'libs/resources/ensure.ts',
        from: 'if (ctx.attempt === 1 && input.first && missing)',
        to: 'if (missing)',
      },
    ],
    caughtBy: { kind: CRASH.kind, tests: [...CRASH.tests] },
  },
  {
    name: 'a create repeated before the fence',
    harm: 'the first one, whose answer was lost, lands beside the second',
    changes: [
      {
        file: 'libs/resources/ensure.ts',
        from: '...(resource.uniqueKey ? [] : [ctx.timing.deadlineMs])',
        to: '',
      },
    ],
    caughtBy: matrixCell('egain.orchestration create / refused once'),
  },
  {
    name: 'fence left out',
    harm: 'an attempt presumed dead creates beside the next one',
    changes: [
      { file: 'libs/resources/ensure.ts', from: "await ctx.confirm({ phase: 'posting', settled: false });", to: '' },
    ],
    caughtBy: { kind: CRASH.kind, tests: [...CRASH.tests] },
  },
  {
    name: 'a late heartbeat of the SDK over the fence',
    harm: 'a worker that dies right after its intent was confirmed is taken for one that had not come so far',
    changes: [
      {
        file: 'activities/heartbeat-details.ts',
        from: "{ ...details, phase: 'posting', settled: false, writing: true }",
        to: '{ ...details }',
      },
    ],
    caughtBy: { kind: 'unit', tests: ['activities/heartbeats.spec.ts'] },
  },
  {
    name: 'a failure that brings an older heartbeat along',
    harm: 'what an attempt has confirmed is gone, so that a step is never given up whose attempts last longer than the heartbeats of the SDK',
    changes: [
      {
        file: 'activities/heartbeats.ts',
        from: 'if (this.sdkTold) this.context.heartbeat(this.current);',
        to: '',
      },
      { file: 'activities/heartbeats.ts', from: 'if (this.sdkTold) this.tellSdk();', to: '' },
    ],
    caughtBy: { kind: 'integration', tests: ['test/integration/heartbeats.spec.ts'] },
  },
  {
    name: 'a pause of none before the next attempt',
    harm: 'a vendor that is busy and asks for no pause loses the step for good',
    changes: [
      {
        file: 'activities/failures.ts',
        from: 'return Math.max(retryAfterMs ?? 0, backoffMs(ctx));',
        to: 'return retryAfterMs ?? backoffMs(ctx);',
      },
      {
        file: 'libs/vendors/common/retry-after.ts',
        from: 'if (longest > 0) return',
        to: 'if (pauses.length > 0) return',
      },
    ],
    caughtBy: { kind: 'integration', tests: ['test/integration/retry-after.spec.ts'] },
  },
  {
    name: 'a page of a gateway read as gone',
    harm: 'an object that stands is made anew, or left behind by undo',
    changes: [
      {
        file: 'libs/vendors/common/answer.ts',
        from: "return statuses.includes(status) && form !== 'page';",
        to: 'return form === form && statuses.includes(status);',
      },
    ],
    caughtBy: { kind: 'unit', tests: ['libs/vendors/common/answer.spec.ts'] },
  },
  {
    name: 'any text taken for an id',
    harm: 'a call goes to another address than it is meant for, and the name of a collection is recorded as an object',
    changes: [
      {
        file: 'libs/vendors/egain/schema.ts',
        from: 'return segment !== undefined && isUuid(segment) ? segment : undefined;',
        to: 'return segment !== undefined || isUuid(segment ?? "") ? segment : undefined;',
      },
    ],
    caughtBy: { kind: 'integration', tests: ['test/contract/vendors/answers.spec.ts'] },
  },
  {
    name: 'an update without a fence',
    harm: 'undo puts the former body back, and the update that never answered lands over it',
    changes: [{ file: 'libs/resources/ensure.ts', from: 'await ctx.confirm({ writing: true });', to: '' }],
    caughtBy: { kind: RESOURCES.kind, tests: [...RESOURCES.tests] },
  },
  {
    name: 'a found shared object changed',
    harm: 'what other accounts use is brought to what this one wants',
    changes: [
      {
        file: 'libs/resources/sighting.ts',
        from: 'if (resource.shared && !recorded && stoodBefore) return',
        to: 'if (resource.shared && recorded && stoodBefore) return',
      },
    ],
    caughtBy: { kind: RESOURCES.kind, tests: [...RESOURCES.tests] },
  },
  {
    name: 'unclear outcome taken for a refusal',
    harm: 'an object whose reply was lost is never looked for',
    changes: [
      {
        file: 'libs/resources/ensure.ts',
        from: 'if (error.fault.outcomeUnknown) return this.settleUnclear(error);',
        to: '',
      },
    ],
    caughtBy: { kind: RESOURCES.kind, tests: [...RESOURCES.tests] },
  },
  {
    name: 'undo does not wait for a call in flight',
    harm: 'a create that lands after undo looked is an orphan',
    changes: [{ file: 'libs/resources/remove.ts', from: 'await waitUntilLanded(ctx, input.knowledge);', to: '' }],
    caughtBy: { kind: RESOURCES.kind, tests: [...RESOURCES.tests] },
  },
  {
    name: 'restore skipped',
    harm: 'what a job took over stays as the job wanted it, though the job is reported as rolled back',
    changes: [
      {
        file: 'libs/resources/remove.ts',
        from: 'if (resource.diff(desired, seen).length === 0) return undefined;',
        to: 'if (resource.diff(desired, seen).length >= 0) return undefined;',
      },
    ],
    caughtBy: matrixCell('update / reply lost once / back with adopted there'),
  },
  {
    name: 'restore of what the list shows alone',
    harm: 'an object whose holder is said not to be there stays as the job wanted it',
    changes: [
      {
        file: 'libs/resources/remove.ts',
        from: 'const seen = listed ?? (await resource.get(client, id, { signal: ctx.signal }));\n  if (!seen) return undefined;',
        to: 'const seen = listed;\n  if (!seen) return undefined;',
      },
    ],
    caughtBy: matrixCell('sinch.webhook list / 404 for good / back with adopted there'),
  },
  {
    name: 'adopted object removed',
    harm: 'undo deletes an object that was there before',
    changes: [
      {
        file: 'libs/resources/remove.ts',
        from: "if (created?.ownership !== 'created' || created.id",
        to: 'if (created === undefined || created.id',
      },
    ],
    caughtBy: { kind: RESOURCES.kind, tests: [...RESOURCES.tests] },
  },
  {
    name: 'referrers not asked before a delete',
    harm: 'a vendor that does not refuse is left with references to nothing',
    changes: [
      {
        file: 'libs/resources/remove.ts',
        from: 'if (!resource.shared) throw stillReferenced(input, seen.id, referrers);',
        to: '',
      },
    ],
    caughtBy: { kind: RESOURCES.kind, tests: [...RESOURCES.tests] },
  },
  {
    name: 'a guess between several candidates',
    harm: 'somebody else’s object is taken over',
    changes: [
      { file: 'libs/resources/sighting.ts', from: 'if (candidate && unmarked.length === 1)', to: 'if (candidate)' },
    ],
    caughtBy: { kind: RESOURCES.kind, tests: [...RESOURCES.tests] },
  },
  {
    name: '403 read as missing',
    harm: 'a missing permission makes duplicates, and undo believes that nothing is there',
    changes: [
      {
        file: 'libs/vendors/egain/read.ts',
        from: 'if (saysGone(answer)) return undefined;',
        to: 'if (saysGone(answer) || answer.status === 403) return undefined;',
      },
    ],
    caughtBy: {
      kind: 'integration',
      tests: ['test/contract/vendors/egain-writes.spec.ts', 'test/contract/vendors/egain-resources.spec.ts'],
    },
  },
  {
    name: 'first page only',
    harm: 'what stands on a later page is created again',
    changes: [
      {
        file: 'libs/vendors/egain/list.ts',
        from: 'return isWhole(page) ? page.objects : undefined;',
        to: 'return page.objects;',
      },
    ],
    caughtBy: { kind: 'unit', tests: ['libs/vendors/egain/list.spec.ts'] },
  },
  {
    name: 'token refreshed for ever',
    harm: 'wrong credentials hammer the token endpoint and the job never ends',
    changes: [
      {
        file: 'libs/http/authorized-http.ts',
        from: 'return this.send(request, second);',
        to: 'return this.call(request);',
      },
    ],
    caughtBy: { kind: 'unit', tests: ['libs/http/authorized-http.spec.ts'] },
  },
  {
    name: 'a removal not proved by its credentials',
    harm: 'undo ends although what was issued for the removed object still opens the vendor to whoever has it',
    changes: [{ file: 'libs/resources/remove.ts', from: 'await revocation.prove();', to: '' }],
    caughtBy: { kind: RESOURCES.kind, tests: [...RESOURCES.tests] },
  },
  {
    name: 'a revision conflict retried on what was read before',
    harm: 'what somebody else has changed meanwhile is overwritten, and a name that was taken meanwhile is taken twice',
    changes: [
      {
        file: 'libs/vendors/liveperson/writes.ts',
        from: 'let doubted = false;',
        to: 'let doubted = false;\n  let first: Installation | undefined;',
      },
      {
        file: 'libs/vendors/liveperson/writes.ts',
        from: 'const answer = await write(read);',
        to: 'first ??= read;\n    const answer = await write({ ...first, revision: read.revision });',
      },
    ],
    caughtBy: { kind: 'integration', tests: ['test/contract/vendors/liveperson-app.spec.ts'] },
  },
  {
    name: 'stale body on update',
    harm: 'a change that somebody made meanwhile is overwritten, or the update is refused for ever',
    changes: [
      {
        file: 'libs/vendors/egain/resource.ts',
        from: 'if (!isStale(answer) || tries === UPDATE_TRIES)',
        to: 'if (tries >= 1)',
      },
    ],
    caughtBy: {
      kind: 'integration',
      tests: ['test/contract/vendors/egain-writes.spec.ts', 'test/contract/vendors/egain-resources.spec.ts'],
    },
  },
  {
    name: 'cancellation aborting a write',
    harm: 'the outcome of a call that was cut off is unknown, and its object is left behind',
    changes: [
      {
        file: 'workflows/interpreter/activity-options.ts',
        from: "cancellationType: 'WAIT_CANCELLATION_COMPLETED'",
        to: "cancellationType: 'TRY_CANCEL'",
      },
      {
        file: 'workflows/interpreter/transition.ts',
        from: 'if (run.failure.mayBeInFlight) run.inFlightSince = new Date().toISOString();',
        to: '',
      },
    ],
    caughtBy: { kind: CHAIN.kind, tests: [...CHAIN.tests] },
  },
];
