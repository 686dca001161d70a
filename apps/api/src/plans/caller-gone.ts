import type { FastifyReply } from 'fastify';

/** A signal that is aborted when the connection closes before an answer has been written. */
export function callerGone({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  const closed = (): void => {
    if (!raw.writableFinished) gone.abort();
  };
  if (raw.destroyed) closed();
  else raw.once('close', closed);
  return gone.signal;
}
