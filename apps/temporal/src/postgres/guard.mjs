// Watches over the processes of a cluster: when whoever started them is gone, even by SIGKILL, they are ended too, and a
// folder that was made for them alone is removed. The channel to the starter closes then, which no signal handler of the
// starter has to be alive for.
import fs from 'node:fs';
import { performance } from 'node:perf_hooks';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';

import { isProcessRunning } from '#scripts/lib/lock.mjs';
import { childrenOf } from '#scripts/lib/processes.mjs';

const POLL_MS = 50;
/** How long a process may take to end by itself where its data are kept. */
const GRACE_MS = 15_000;

let watched = [];
let folder;

process.on('message', (message) => {
  if (message.folder !== undefined) folder = message.folder;
  if (message.add !== undefined) watched.push(message.add);
  if (message.remove !== undefined) watched = watched.filter(({ identity }) => identity.pid !== message.remove);
  process.send?.({ noted: message.id });
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined);
process.once('disconnect', () => void endAll());

/** The last started first: a server before its database. */
async function endAll() {
  for (const { identity, signal } of watched.toReversed()) {
    if (folder === undefined) await ends(identity, signal);
    killAll(identity);
  }
  if (folder !== undefined) fs.rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: POLL_MS });
}

async function ends(identity, signal) {
  if (!isProcessRunning(identity)) return;
  process.kill(identity.pid, signal);
  const deadline = performance.now() + GRACE_MS;
  while (isProcessRunning(identity) && performance.now() < deadline) await delay(POLL_MS);
}

/** Also those that it has started: without their parent they would go on for a moment, and write into the folder. */
function killAll(identity) {
  if (!isProcessRunning(identity)) return;
  for (const pid of [...childrenOf(identity.pid), identity.pid]) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      if (error.code !== 'ESRCH') throw error; // it ended between the look and the signal
    }
  }
}
