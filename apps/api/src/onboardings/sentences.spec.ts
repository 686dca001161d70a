import { expect, it } from 'vitest';
import { COMMAND_VERBS, commandFits, JOB_STATUSES } from '#libs/contracts/index.js';
import type { Job } from '#libs/progress/index.js';
import { commandMisfit, commandTooLate, jobStands } from './sentences.js';

const CLOSED = { closed: {} } as Pick<Job, 'closed'>;
const OPEN = { closed: null } as Pick<Job, 'closed'>;

it.each([
  {
    said: commandMisfit('retry', { ...CLOSED, status: 'succeeded' }),
    sentence: 'The job has succeeded, so it cannot be retried.',
  },
  {
    said: commandMisfit('cancel', { ...OPEN, status: 'rolling-back' }),
    sentence: 'The job is being rolled back, so it cannot be cancelled.',
  },
  {
    said: commandMisfit('accept-leftovers', { ...OPEN, status: 'held' }),
    sentence: 'The job is held, so it has no leftovers to accept.',
  },
  {
    said: commandMisfit('rollback', { ...CLOSED, status: 'rollback-incomplete' }),
    sentence: 'The job has ended with leftovers, so it cannot be rolled back.',
  },
  {
    said: jobStands({ ...OPEN, status: 'rollback-incomplete' }),
    sentence: 'The job could not be rolled back as a whole.',
  },
  { said: commandTooLate('cancel'), sentence: 'The job has ended meanwhile, so it cannot be cancelled.' },
])('$sentence', ({ said, sentence }) => {
  expect(said).toBe(sentence);
});

it('has a sentence for each command in each status that it does not fit', () => {
  for (const verb of COMMAND_VERBS) {
    for (const status of JOB_STATUSES.filter((each) => !commandFits(verb, each, 'onboard'))) {
      expect(commandMisfit(verb, { ...OPEN, status })).toMatch(/^The job [a-z -]+, so it [a-z ]+\.$/i);
    }
  }
});
