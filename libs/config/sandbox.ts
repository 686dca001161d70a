const DEFAULT_PORT = 7070;

/** A setting of the sandbox that is wrong; the message names the variable and never its value. */
export class SandboxSettingError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SandboxSettingError';
  }
}

/** The sandbox's settings: `GANGWAY_SANDBOX_PORT`, default 7070. Throws `SandboxSettingError`. */
export function sandboxSettings(env: NodeJS.ProcessEnv = process.env): { port: number } {
  const text = env.GANGWAY_SANDBOX_PORT ?? '';
  if (text === '') return { port: DEFAULT_PORT };
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) {
    throw new SandboxSettingError('GANGWAY_SANDBOX_PORT: must be a port number from 1 to 65535');
  }
  return { port };
}
