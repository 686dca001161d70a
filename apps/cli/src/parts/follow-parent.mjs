// Loaded into every part before its own code: a part ends when whoever started it is gone, even by SIGKILL. The channel
// to the starter closes then, which no signal handler of the starter has to be alive for.
import process from 'node:process';
import { isMainThread } from 'node:worker_threads';

/** How long a part may take to stop by itself. */
const GRACE_MS = 20_000;

if (isMainThread && process.channel !== undefined && process.channel !== null) {
  const nobodyReads = () => undefined;
  process.once('disconnect', () => {
    // Without a reader a write fails, and must not keep the part from draining.
    process.stdout.on('error', nobodyReads);
    process.stderr.on('error', nobodyReads);
    process.kill(process.pid, 'SIGTERM');
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), GRACE_MS).unref();
  });
  process.channel.unref();
}
