import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';

const pollMs = 200;
const remindMs = 15_000;
/** A lock that cannot be read is being written this moment, unless it is older than this. */
const unreadableMs = 5_000;

/**
 * Runs `action` while this process alone holds the lock file at `file`, and removes the file afterwards.
 * A lock whose process is gone is taken over. `onWait(holder)` is called when the wait begins and every 15 s.
 */
export async function withLock(file, { onWait = () => {} }, action) {
  const release = await acquireLock(file, { onWait });
  try {
    return await action();
  } finally {
    release();
  }
}

/** Waits for the lock file at `file` and resolves with the function that gives it back. */
export async function acquireLock(file, { onWait = () => {} } = {}) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  let reminded = Number.NEGATIVE_INFINITY;
  for (;;) {
    if (createLock(file)) return () => fs.rmSync(file, { force: true });
    const holder = readHolder(file);
    if (holder === 'gone') continue;
    if (holder.stale) {
      takeOver(file);
      continue;
    }
    if (performance.now() - reminded >= remindMs) {
      reminded = performance.now();
      onWait({ pid: holder.pid });
    }
    await delay(pollMs);
  }
}

/** Names a process beyond its pid, which the system gives out again: the pid with the moment it was started. */
export function processIdentity(pid) {
  return { pid, startedAt: lookUp(pid).startedAt };
}

/** True while the very process that `processIdentity` named is running. */
export function isProcessRunning(identity) {
  try {
    process.kill(identity.pid, 0);
  } catch (error) {
    if (error.code !== 'EPERM') return false;
  }
  const { startedAt, dead } = lookUp(identity.pid);
  return !dead && (startedAt === null || identity.startedAt === null || startedAt === identity.startedAt);
}

function createLock(file) {
  try {
    fs.writeFileSync(file, JSON.stringify(processIdentity(process.pid)), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function readHolder(file) {
  try {
    const identity = JSON.parse(fs.readFileSync(file, 'utf8'));
    return { pid: identity.pid, stale: !isProcessRunning(identity) };
  } catch (error) {
    if (error.code === 'ENOENT') return 'gone';
    if (!(error instanceof SyntaxError)) throw error;
    return { pid: null, stale: ageMs(file) > unreadableMs };
  }
}

/** Removes a stale lock. Only the holder of the take-over file may do so: without it, two could each remove the other's new lock. */
function takeOver(file) {
  const claim = `${file}.takeover`;
  try {
    fs.writeFileSync(claim, '', { flag: 'wx' });
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    if (ageMs(claim) > unreadableMs) fs.rmSync(claim, { force: true });
    return;
  }
  try {
    const holder = readHolder(file);
    if (holder !== 'gone' && holder.stale) fs.rmSync(file, { force: true });
  } finally {
    fs.rmSync(claim, { force: true });
  }
}

function ageMs(file) {
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  return stat ? Date.now() - stat.mtimeMs : 0;
}

/** `startedAt` is null where the system does not tell; `dead` is a process that ended and whose parent has not noticed. */
function lookUp(pid) {
  try {
    if (process.platform === 'linux') {
      const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
      // After the name, which is in parentheses and may hold anything, come fields 3 (state) to 22 (start, ticks since boot) and on.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return { startedAt: fields[19] ?? null, dead: fields[0] === 'Z' };
    }
    const [state, ...start] = execFileSync('ps', ['-o', 'state=,lstart=', '-p', String(pid)], { encoding: 'utf8' })
      .trim()
      .split(/\s+/);
    return { startedAt: start.join(' ') || null, dead: state?.startsWith('Z') ?? false };
  } catch {
    // No such process, or no way to ask: then the pid alone decides.
    return { startedAt: null, dead: false };
  }
}
