/** A process by its pid and the moment it was started; `startedAt` is null where the system does not tell. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startedAt: string | null;
}

export interface LockOptions {
  /** Called when the wait begins and every 15 s; `pid` is null while the holder is still writing its name. What it throws ends the wait. */
  readonly onWait?: (holder: { readonly pid: number | null }) => void;
}

/**
 * Runs `action` while this process alone holds the lock file at `file`, and removes the file afterwards.
 * A lock whose process is gone is taken over. Not reentrant: a second call for the same file waits for the first.
 */
export declare function withLock<T>(file: string, options: LockOptions, action: () => T | Promise<T>): Promise<T>;

/** Waits for the lock file at `file` and resolves with the function that gives it back. */
export declare function acquireLock(file: string, options?: LockOptions): Promise<() => void>;

/** Names a process beyond its pid, which the system gives out again. */
export declare function processIdentity(pid: number): ProcessIdentity;

/** True while the very process that `processIdentity` named is running. */
export declare function isProcessRunning(identity: ProcessIdentity): boolean;
