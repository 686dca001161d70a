import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { EGAIN_CREDENTIALS } from './egain/credentials.js';
import { type Answer, FORM, sinchBasic, useSandbox } from './testing/client.js';

const FILE = new URL('../../../config/connections.sandbox.yaml', import.meta.url);
/** The address in the file, before its variable is filled in. */
const ADDRESS = 'http://${GANGWAY_SANDBOX_HOST:-127.0.0.1}:${GANGWAY_SANDBOX_PORT:-7070}';
const bench = useSandbox();

interface Connection {
  vendor: string;
  apiBase: string;
  tokenUrl: string;
  [setting: string]: string;
}

describe('config/connections.sandbox.yaml', () => {
  const connection = async (name: string): Promise<Connection> => {
    const { connections } = parse(await readFile(FILE, 'utf8')) as { connections: Record<string, Connection> };
    const found = connections[name];
    if (!found) throw new Error(`no connection ${name}`);
    return found;
  };
  const call = (url: string, authorization: string): Promise<Answer> =>
    bench.raw('GET', url.replace(ADDRESS, ''), undefined, { authorization });

  it.each(['egain-main', 'egain-second'])('opens %s and names its agent application', async (name) => {
    const { apiBase, tokenUrl, scope = '', clientId = '', clientSecret = '', ...rest } = await connection(name);
    const form = { grant_type: 'client_credentials', scope, client_id: clientId, client_secret: clientSecret };
    const token = await bench.raw('POST', tokenUrl.replace(ADDRESS, ''), new URLSearchParams(form).toString(), FORM);
    const agent = rest.agentClientApplicationId ?? '';
    expect(EGAIN_CREDENTIALS.map(({ agentClientApplicationId }) => agentClientApplicationId)).toContain(agent);
    const authorization = `Bearer ${token.body.access_token as string}`;
    const found = await call(`${apiBase}/conversation/conversationmgr/v3/clientapplications/${agent}`, authorization);
    expect(found.body).toMatchObject({ id: agent, roles: [{ name: 'egain_agent' }] });
  });

  it.each(['sinch-eu', 'sinch-us'])('opens %s', async (name) => {
    const { apiBase, tokenUrl, projectId = '', keyId = '', keySecret = '' } = await connection(name);
    const token = await bench.raw('POST', tokenUrl.replace(ADDRESS, ''), 'grant_type=client_credentials', {
      ...FORM,
      authorization: sinchBasic(keyId, keySecret),
    });
    const apps = await call(`${apiBase}/v1/projects/${projectId}/apps`, `Bearer ${token.body.access_token as string}`);
    expect(apps).toMatchObject({ status: 200, body: { apps: [] } });
  });
});
