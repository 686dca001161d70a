import type { PlantedBug } from './bugs.js';

const READINGS = {
  kind: 'unit',
  tests: ['test/unit/readings.spec.ts', 'libs/readings/readings.spec.ts', 'libs/vendors/egain/list.spec.ts'],
} satisfies PlantedBug['caughtBy'];

/** Mistakes that are easy to make where many share what one reads. */
export const READING_BUGS: readonly PlantedBug[] = [
  {
    name: 'a reading begun before the question is served',
    harm: 'what was made between the two is missing, and is made a second time',
    changes: [
      {
        file: 'libs/readings/reading.ts',
        from: 'return !this.isAbandoned && this.begunAt >= begunAfter;',
        to: 'return !this.isAbandoned && begunAfter > 0;',
      },
    ],
    caughtBy: READINGS,
  },
  {
    name: 'a kept reading is served to who asks after it began',
    harm: 'as with one that runs, and for a minute',
    changes: [
      {
        file: 'libs/readings/readings.ts',
        from: 'if (kept && kept.begunAt >= begunAfter && now',
        to: 'if (kept && now',
      },
    ],
    caughtBy: READINGS,
  },
  {
    name: 'a failed page is skipped',
    harm: 'the objects of the page count as not there',
    changes: [
      {
        file: 'libs/vendors/egain/list.ts',
        from: 'if (!isSuccess(answer.status)) throw egainFault(purpose, answer);',
        to: 'if (!isSuccess(answer.status)) return { objects: [], count: undefined };',
      },
    ],
    caughtBy: READINGS,
  },
  {
    name: 'a cancelled asker ends the reading of others',
    harm: 'one cancelled job fails all that wait with it',
    changes: [
      {
        file: 'libs/readings/reading.ts',
        from: 'if (this.askers.size === 0) this.nobodyWaits',
        to: 'if (signal?.aborted === true) this.nobodyWaits',
      },
    ],
    caughtBy: READINGS,
  },
  {
    name: 'one way through a list whose order is not proved',
    harm: 'what others remove meanwhile hides an object',
    changes: [
      {
        file: 'libs/vendors/egain/ways.ts',
        from: "if (oneWay && orderOf(there) === 'newest' && neverFewer(there))",
        to: 'if (oneWay)',
      },
    ],
    caughtBy: READINGS,
  },
  {
    name: 'an object counts as gone by the word of one answer',
    harm: 'a gateway that says 404 makes an undo overlook what still refers to an object',
    changes: [
      {
        file: 'libs/readings/readings.ts',
        from: 'if (!this.deleted.delete(nameOf(kind, id))) return;',
        to: 'this.deleted.delete(nameOf(kind, id));',
      },
    ],
    caughtBy: READINGS,
  },
  {
    name: 'a write waits behind the pages of a list',
    harm: 'a create is held back until a reading of minutes has ended',
    changes: [
      {
        file: 'libs/http/pacer.ts',
        from: 'if (!best || rank < best.rank) best = { waiter, rank };',
        to: 'best ??= { waiter, rank };',
      },
    ],
    caughtBy: { kind: 'unit', tests: ['libs/http/pacer.spec.ts'] },
  },
  {
    name: 'who waits for a list holds a slot',
    harm: 'two accounts that wait hold up all others of the connection',
    changes: [
      {
        file: 'activities/work-slots.ts',
        from: 'if (this.waits++ === 0) this.leave();',
        to: 'this.waits++;',
      },
    ],
    caughtBy: { kind: 'unit', tests: ['activities/work-slots.spec.ts'] },
  },
];
