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
  sandbox: { port: 'GANGWAY_SANDBOX_PORT', defaultPort: 7070, host: 'GANGWAY_SANDBOX_HOST' },
} as const satisfies Record<string, ListenVariables>;

/** A process that holds a port, as far as it is known. */
export interface PortHolder {
  pid: number;
  name: string;
}

/**
 * The fault of a port that somebody else listens on. The number is told, unlike other values: it is no secret, and without it nobody
 * knows which port was meant.
 */
export function portTaken({ port: name }: ListenVariables, port: number, holder: PortHolder | null = null): Fault {
  const by = holder === null ? '' : ` by process ${holder.pid} (${holder.name})`;
  const cure = holder === null ? 'stop what listens there' : 'stop it';
  return { name, message: `port ${port} is taken${by}: ${cure}, or set another one` };
}

/**
 * Where `error` says that a process may not listen where it was told to: a `ConfigError` that names the variable and the cure. Any
 * other error is handed back.
 */
export function listenFault(error: unknown, variables: ListenVariables): unknown {
  const fault = faultOf(error, variables);
  return fault ? new ConfigError([fault]) : error;
}

function faultOf(error: unknown, variables: ListenVariables): Fault | undefined {
  const { port, host, defaultPort = 0 } = variables;
  switch (codeOf(error)) {
    case 'EADDRINUSE':
      return portTaken(variables, portOf(error) ?? defaultPort);
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

function portOf(error: unknown): number | undefined {
  return error instanceof Error && 'port' in error && typeof error.port === 'number' ? error.port : undefined;
}
