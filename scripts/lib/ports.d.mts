/** A process that listens on a port. */
export interface Listener {
  readonly pid: number;
  /** Name of its program, at most 15 characters on Linux. */
  readonly name: string;
}

/** Returns true when a server can listen on the port of the loopback address now. */
export declare function isPortFree(port: number): Promise<boolean>;

/** Returns ports of the loopback address that are free now, all different. */
export declare function findFreePorts(count: number): Promise<number[]>;

/** Returns the process that listens on a port of this machine; null where the system does not tell, as for other users' processes. */
export declare function listenerOf(port: number): Listener | null;

/**
 * Returns ports of the loopback address that are free now, all different, from 10,000 to `highest`: below those that systems give out by
 * themselves.
 */
export declare function findFreeLowPorts(count: number, highest: number): Promise<number[]>;
