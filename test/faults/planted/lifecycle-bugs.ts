import type { PlantedBug } from './bugs.js';

const AMEND: PlantedBug['caughtBy'] = { kind: 'unit', tests: ['workflows/interpreter/amend.spec.ts'] };
const LEAVE: PlantedBug['caughtBy'] = { kind: 'unit', tests: ['workflows/interpreter/leave.spec.ts'] };
const ENSURE: PlantedBug['caughtBy'] = {
  kind: 'unit',
  tests: ['libs/resources/ensure.spec.ts', 'libs/resources/ownership.spec.ts'],
};
const INSPECT: PlantedBug['caughtBy'] = { kind: 'unit', tests: ['libs/resources/inspect.spec.ts'] };

/** Mistakes that are easy to make with an account that goes on after its onboarding. */
export const LIFECYCLE_BUGS: readonly PlantedBug[] = [
  {
    name: 'ownership by the last outcome',
    harm: 'an offboarding deletes a customer’s object that an amendment has written to',
    changes: [
      {
        file: 'libs/resources/provenance.ts',
        from: "return { ownership: 'adopted', outcome: again",
        to: "return { ownership: again ? 'created' : 'adopted', outcome: again",
      },
    ],
    caughtBy: ENSURE,
  },
  {
    name: 'former body overwritten',
    harm: 'an offboarding puts back what an amendment had written',
    changes: [
      {
        file: 'libs/resources/provenance.ts',
        from: 'const former = formerBody(knowledge, found.id, stood) ?? found.body;',
        to: 'const former = found.body;',
      },
    ],
    caughtBy: ENSURE,
  },
  {
    name: 'secrets left by undo',
    harm: 'an amendment that was taken back leaves the new secret at the vendor',
    changes: [
      {
        file: 'workflows/interpreter/node-runs.ts',
        from: 'else if (run.result) run.previous = resolveNode(before, former, outputs).body;',
        to: 'else if (run.result) run.previous = null;',
      },
    ],
    caughtBy: AMEND,
  },
  {
    name: 'removals before creates',
    harm: 'a channel is gone before its successor stands, and stays so when that is refused',
    changes: [
      {
        file: 'workflows/interpreter/transition.ts',
        from: 'await this.look();\n    for (let round',
        to: 'await this.look();\n    await this.removeDropped();\n    for (let round',
      },
    ],
    caughtBy: AMEND,
  },
  {
    name: 'a removal that failed counts as not begun',
    harm: 'the way back says that an object stands which the vendor deletes a moment later',
    changes: [
      {
        file: 'workflows/interpreter/transition.ts',
        from: 'run.touched = true; // a removal that fails may have taken effect: it does not stand by the record alone any more',
        to: '',
      },
    ],
    caughtBy: AMEND,
  },
  {
    name: 'a removal overtakes what brings back',
    harm: 'a delete that was late takes an object that the way back has just found standing',
    changes: [
      {
        file: 'libs/resources/ensure.ts',
        from: 'return this.standing(seen.id);\n  }\n\n  private async bringTo',
        to: 'return seen;\n  }\n\n  private async bringTo',
      },
    ],
    caughtBy: { kind: 'unit', tests: ['libs/resources/landing.spec.ts'] },
  },
  {
    name: 'clean-up without the wait',
    harm: 'a create that was under way when the account was interrupted lands after the clean-up',
    changes: [
      {
        file: 'workflows/interpreter/node-runs.ts',
        from: 'inFlightSince: since, result: null',
        to: 'inFlightSince: null, result: null',
      },
    ],
    caughtBy: LEAVE,
  },
  {
    name: 'only the last interruption counts',
    harm: 'what the operation before it had made stays as an orphan',
    changes: [
      { file: 'libs/contracts/account.ts', from: 'const plans = [...before];', to: 'const plans: Plan[] = [];' },
    ],
    caughtBy: { kind: 'unit', tests: ['libs/contracts/interruption.spec.ts'] },
  },
  {
    name: 'an offboarding that stays parked',
    harm: 'after one list that could not be read, no retry ends the offboarding',
    changes: [
      {
        file: 'workflows/interpreter/undo.ts',
        from: 'for (const run of standing) if (run.leftover !== null) run.undone = null;',
        to: '',
      },
    ],
    caughtBy: LEAVE,
  },
  {
    name: 'offboard of an adopted object',
    harm: 'a customer’s own object is deleted with the account',
    changes: [
      {
        file: 'libs/resources/remove.ts',
        from: "(goal !== 'remove' || recorded.ownership !== 'created')",
        to: "goal !== 'remove'",
      },
    ],
    caughtBy: { kind: 'unit', tests: ['libs/resources/remove.spec.ts'] },
  },
  {
    name: 'an ignored field counts',
    harm: 'a repair writes over what the spec leaves to somebody else',
    changes: [{ file: 'libs/resources/inspect.ts', from: '.filter((one) => !isIgnored(one, each.ignored))', to: '' }],
    caughtBy: INSPECT,
  },
  {
    name: 'repair of an ignored field',
    harm: 'a repair that writes an object for another reason writes over what the spec leaves to somebody else',
    changes: [
      {
        file: 'libs/resources/ensure.ts',
        from: 'ignored.length > 0 ? keepIgnored(resource, whole, seen, ignored) : whole',
        to: 'whole',
      },
    ],
    caughtBy: { kind: 'unit', tests: ['libs/vendors/ignored-fields.spec.ts'] },
  },
  {
    name: 'a carried-over object taken for the new node’s own',
    harm: 'the undo of an amendment deletes an object that the account had before it, as it carries the new marker',
    changes: [{ file: 'libs/resources/sighting.ts', from: 'if (held.includes(seen.id)) return false;', to: '' }],
    caughtBy: { kind: 'unit', tests: ['libs/resources/carry-over.spec.ts'] },
  },
  {
    name: 'removal of what was carried over',
    harm: 'an amendment deletes the object that has just become the new node',
    changes: [
      {
        file: 'workflows/interpreter/transition.ts',
        from: 'for (const { run } of dropped.filter((each) => !dropped.isCarriedOver(each)).reverse()) {',
        to: 'for (const { run } of dropped.filter(() => true).reverse()) {',
      },
    ],
    caughtBy: { kind: 'unit', tests: ['workflows/interpreter/carry-over.spec.ts'] },
  },
  {
    name: 'observe that writes',
    harm: 'whoever only asks what differs has it changed',
    changes: [
      {
        file: 'workflows/reconcile-account.workflow.ts',
        from: "if (this.input.reconcile?.mode !== 'repair')",
        to: 'if (!this.input.reconcile)',
      },
    ],
    caughtBy: { kind: 'integration', tests: ['test/integration/lifecycle/reconcile.spec.ts'] },
  },
];
