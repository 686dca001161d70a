import { Context } from '@temporalio/activity';

const BEAT_MS = 2_000;

/** Shows that an activity lives while it works, so that another worker soon begins what this one cannot end. */
export async function alive<R>(run: () => Promise<R>): Promise<R> {
  const { heartbeat } = Context.current();
  const beat = setInterval(() => heartbeat(), BEAT_MS);
  try {
    return await run();
  } finally {
    clearInterval(beat);
  }
}
