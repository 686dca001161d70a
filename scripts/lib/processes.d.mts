/** Returns the processes that a process has started and that run now; none where the process is gone. */
export function childrenOf(pid: number): number[];
