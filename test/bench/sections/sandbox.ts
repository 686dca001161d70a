import { createSandbox } from '#apps/sandbox/src/server.js';
import { loadConnections } from '#libs/config/connections.js';
import type { JsonObject } from '#libs/contracts/index.js';
import type { EgainConnection } from '#libs/vendors/egain/index.js';
import { connectionsFile, tempFolder } from '#test/support/sandbox.js';
import type { Figure, Report } from '../figures.js';
import { interleaved, median, timed } from '../measure.js';
import type { Bench } from '../section.js';

const FEW = 100;
const MANY = 10_000;
const ROUNDS = 200;
const WARM_UP_ROUNDS = 50;
/** Not slower than by this with a hundred times the objects. */
const MOST_TIMES = 2;

/** What a sandbox with 10,000 objects of a kind takes for a call, against one with 100. */
export async function sandbox({ progress }: Bench): Promise<Report[]> {
  const [few, many] = await Promise.all([filled(FEW), filled(MANY)]);
  try {
    const figures: Figure[] = [];
    for (const call of ['create', 'get', 'page', 'delete'] as const) {
      progress(`sandbox: ${call}`);
      const candidates = { few: () => few.time(call), many: () => many.time(call) };
      await interleaved(WARM_UP_ROUNDS, candidates);
      const took = await interleaved(ROUNDS, candidates);
      figures.push(
        { name: `${call}, ${FEW} objects, p50`, value: median(took.few), unit: 'ms' },
        { name: `${call}, ${MANY} objects, p50`, value: median(took.many), unit: 'ms' },
        {
          name: `${call}, many / few`,
          value: median(took.many) / median(took.few),
          unit: 'x',
          aim: { atMost: MOST_TIMES },
        },
      );
    }
    return [{ title: `The sandbox with ${MANY} channels of eGain (${ROUNDS} rounds)`, figures, notes: [] }];
  } finally {
    await Promise.all([few.close(), many.close()]);
  }
}

type CallName = 'create' | 'get' | 'page' | 'delete';

interface Filled {
  /** Makes one such call and returns how long it took, in milliseconds. */
  time(call: CallName): Promise<number>;
  close(): Promise<void>;
}

/** A sandbox with so many channels besides those that it begins with. */
async function filled(count: number): Promise<Filled> {
  const server = await createSandbox({ seed: false });
  const url = await server.listen(0);
  const { folder, remove } = tempFolder();
  const { connections } = loadConnections(connectionsFile(folder, url), { allowPrivateUrls: true, env: {} });
  const connection = connections.find(({ vendor }) => vendor === 'egain') as EgainConnection | undefined;
  if (!connection) throw new Error('there is no connection of eGain');
  const token = await tokenFrom(connection.tokenUrl, {
    grant_type: 'client_credentials',
    client_id: connection.clientId(),
    client_secret: connection.clientSecret(),
    scope: connection.scope,
  });
  const channels = `${connection.apiBase}/conversation/conversationmgr/v3/channels`;
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const ids = server.insert(
    'egain',
    'channel',
    Array.from({ length: count }, (_, number) => channel(`custom.stands-${number}`)),
  );
  const made: string[] = [];
  let next = 0;
  const lastPage = Math.ceil(count / PAGE);
  const send = async (method: string, path: string, body?: object): Promise<Response> => {
    const response = await fetch(`${channels}${path}`, {
      method,
      headers,
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response;
  };
  const calls: Record<CallName, () => Promise<unknown>> = {
    create: async () => {
      const { id } = (await (await send('POST', '', channel(`custom.made-${++next}`))).json()) as { id: string };
      made.push(id);
    },
    get: async () => (await send('GET', `/${ids[++next % ids.length] ?? ''}`)).text(),
    page: async () => (await send('GET', `?$pagenum=${lastPage}&$pagesize=${PAGE}`)).text(),
    delete: () => send('DELETE', `/${made.pop() ?? ''}`),
  };
  return {
    time: async (call) => (await timed(calls[call])).ms,
    close: async () => {
      await server.close();
      remove();
    },
  };
}

const PAGE = 75;

function channel(type: string): JsonObject {
  return {
    description: 'of the benchmarks',
    active: true,
    type,
    displayName: type,
    icon: 'aWNvbg==',
  };
}

async function tokenFrom(url: string, form: Record<string, string>): Promise<string> {
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(form) });
  const { access_token: token } = (await response.json()) as { access_token?: string };
  if (token === undefined) throw new Error(`no token: ${response.status}`);
  return token;
}
