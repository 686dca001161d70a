import type { HandoffAnswer, Plan, Standing } from '#libs/contracts/index.js';
import { HandoffDesk } from './handoff-desk.js';
import { command } from './handoff.fixture.js';
import { Transition } from './transition.js';

/** An operation's transition with the person in front of it. `from`: what the account records; absent: nothing. */
export function job(
  to: Plan | null,
  from: Standing | null = null,
): {
  transition: Transition;
  desk: HandoffDesk;
  reply: (answer: Partial<HandoffAnswer>) => void;
} {
  const desk = new HandoffDesk({ changed: () => undefined, reminder: () => undefined });
  const transition = new Transition({ from, to, changed: () => undefined, desk });
  const reply = (answer: Partial<HandoffAnswer>): void => {
    desk.take(command('handoff', { handoff: desk.current?.id ?? 0, ...answer }));
  };
  return { transition, desk, reply };
}
