import { execFileSync } from 'node:child_process';
import fs from 'node:fs';

/** Returns the processes that a process has started and that run now; none where the process is gone. */
export function childrenOf(pid) {
  return (process.platform === 'linux' ? linuxParents() : psParents())
    .filter(([, parent]) => parent === pid)
    .map(([child]) => child);
}

/** Pairs of a process and its parent. */
function linuxParents() {
  return fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = fs.readFileSync(`/proc/${name}/stat`, 'utf8');
        // The name in brackets may hold blanks; what follows it begins with the state and the parent.
        return [[Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])]];
      } catch {
        return []; // it has ended meanwhile
      }
    });
}

function psParents() {
  return execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
}
