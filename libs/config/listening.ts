import { ConfigError, type Fault } from './faults.js';

/** The variables by which an address to listen on is set, and the port that holds where none is. */
export interface ListenVariables {
  port: string;
  defaultPort?: number;
  /** Absent: the host cannot be set. */
  host?: string;
}

/** The ports of the system's parts. */
export const PORTS = {
  api: { port: 'GANGWAY_PORT', defaultPort: 3000, host: 'GANGWAY_HOST' },
  temporal: { port: 'GANGWAY_TEMPORAL_PORT', defaultPort: 7233 },
  /** By default the server's port and 1000. */
  temporalUi: { port: 'GANGWAY_TEMPORAL_UI_PORT', defaultPort: 8233 },
  sandbox: { port: 'GANGWAY_SANDBOX_PORT', defaultPort: 7070 },
} as const satisfies Record<string, ListenVariables>;

/** The fault of a port that somebody else listens on. */
export function portTaken({ port, defaultPort }: ListenVariables): Fault {
  const otherwise = defaultPort === undefined ? '' : ` (default ${String(defaultPort)})`;
  return { name: port, message: `the port${otherwise} is taken: stop what listens there, or set another one` };
}

/**
 * Where `error` says that a process may not listen where it was told to: a `ConfigError` that names the variable and the cure. Any
 * other error is handed back.
 */
export function listenFault(error: unknown, variables: ListenVariables): unknown {
  const fault = faultOf(codeOf(error), variables);
  return fault ? new ConfigError([fault]) : error;
}

function faultOf(code: string | undefined, variables: ListenVariables): Fault | undefined {
  const { port, host } = variables;
  switch (code) {
    case 'EADDRINUSE':
      return portTaken(variables);
    case 'EACCES':
      return { name: port, message: 'this process may not listen on the port: set one above 1023' };
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return host === undefined ? undefined : { name: host, message: 'is no address of this machine' };
    default:
      return undefined;
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
