import Fastify, { type FastifyInstance } from 'fastify';
import { isPrivateHost, isUnspecified } from '#libs/net/urls.js';
import { addControlRoutes } from './control/routes.js';
import { type Desk, dispatch } from './dispatch.js';
import { isObject, parseJson } from './json.js';
import { Keeper } from './keeper.js';
import { assemble, type KeptSandbox, type SandboxControls, type SandboxOptions } from './sandbox.js';
import { ControlError } from './vendor.js';

/** The vendors in memory behind one HTTP server, and everything that a test may do to them. */
export interface Sandbox extends SandboxControls {
  app: FastifyInstance;
  /**
   * Listens, by default on 127.0.0.1, port 0 for any free one; returns the base address. Callers name loopback or that host.
   */
  listen(port: number, host?: string): Promise<string>;
  /** Stops the server, cuts open connections and calls off what is pending. */
  close(): Promise<void>;
}

/** A file that keeps what the vendors hold. */
export interface StateFile {
  path: string;
  /** Told when it cannot be read: the vendors begin anew. Told once when it cannot be written: nothing is kept from then on. */
  onFault: (doing: 'read' | 'write', error: unknown) => void;
}

export interface ServerOptions extends Omit<SandboxOptions, 'changed'> {
  /** Left out: a restart begins anew. */
  stateFile?: StateFile;
}

const LOOPBACK_NAMES = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * A sandbox that does not listen yet; several may live in one process. Throws `ControlError` with the name of the knob when
 * one is wrong.
 */
export async function createSandbox({ stateFile, ...options }: ServerOptions = {}): Promise<Sandbox> {
  let keeper: Keeper<KeptSandbox> | undefined;
  const { desk, controls } = assemble({ ...options, changed: () => keeper?.changed() });
  if (stateFile) keeper = keptBy(stateFile, controls);
  const names = new Set(LOOPBACK_NAMES);
  const app = await buildServer(desk, controls, names);
  return {
    ...controls,
    app,
    listen: async (port, host = '127.0.0.1') => {
      if (!isPrivateHost(host) || isUnspecified(host)) {
        throw new Error(`the sandbox listens on loopback or one private address, not on ${host}`);
      }
      names.add(host.toLowerCase());
      return app.listen({ port, host });
    },
    close: async () => {
      desk.pending.callOff();
      await app.close();
      keeper?.flush();
    },
  };
}

/** Puts in place what the file keeps; from then on changes go there. */
function keptBy({ path, onFault }: StateFile, controls: SandboxControls): Keeper<KeptSandbox> {
  const keeper = new Keeper({
    file: path,
    state: () => controls.keep(),
    onFault: (error) => onFault('write', error),
  });
  try {
    const kept = keeper.read();
    if (kept) controls.restore(kept);
  } catch (error) {
    controls.reset();
    onFault('read', error);
  }
  return keeper;
}

async function buildServer(
  desk: Desk,
  controls: SandboxControls,
  names: ReadonlySet<string>,
): Promise<FastifyInstance> {
  const app = Fastify({ forceCloseConnections: true });
  app.addHook('onRequest', async (request, reply) => {
    const name = (request.headers.host ?? '').replace(/:\d*$/, '').toLowerCase();
    if (!names.has(name))
      await reply.code(403).send({ error: 'the sandbox answers to loopback names and its own only' });
  });
  app.setErrorHandler(async (error, _request, reply) => {
    const status = error instanceof ControlError ? error.status : statusOf(error);
    await reply.code(status).send({ error: error instanceof Error ? error.message : String(error) });
  });

  await app.register((control, _options, done) => {
    control.removeAllContentTypeParsers();
    control.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, parsedAs) => {
      const parsed = body === '' ? undefined : parseJson(String(body));
      if (body !== '' && !isObject(parsed)) parsedAs(new ControlError(400, 'body: must be a JSON object'));
      else parsedAs(null, parsed);
    });
    control.addHook('onResponse', (request, _reply, ended) => {
      if (request.method !== 'GET') desk.changed();
      ended();
    });
    addControlRoutes(control, controls);
    for (const { vendor } of desk.mounted) vendor.addControls?.(control);
    control.all('/_sandbox/*', (request) => {
      throw new ControlError(404, `${request.method} ${request.url} is not a control of the sandbox`);
    });
    done();
  });
  await app.register((vendors, _options, done) => {
    vendors.removeAllContentTypeParsers();
    // Left unread: a fault rule may want to cut the connection first.
    vendors.addContentTypeParser('*', (_request, _payload, parsedAs) => parsedAs(null));
    vendors.all('/*', (request, reply) => dispatch(desk, request, reply));
    done();
  });
  return app;
}

function statusOf(error: unknown): number {
  const status = isObject(error) ? error.statusCode : undefined;
  return typeof status === 'number' ? status : 500;
}
