import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HttpConnection, type HttpRequest } from '#libs/http/index.js';
import { livepersonModule } from '#libs/vendors/liveperson/index.js';
import { Hosts } from '#libs/vendors/liveperson/hosts.js';
import { app } from '#libs/vendors/liveperson/resources/app.js';
import { bodyOf, callsSince, liveApps, openLiveperson, seqOf, type LivepersonBench } from './liveperson.js';
import { faultOf } from './vendors.js';

let lp: LivepersonBench;
beforeAll(async () => {
  lp = await openLiveperson();
});
beforeEach(() => lp.sandbox.reset());
afterAll(() => lp.close());

function list(client = lp.connect()): Promise<unknown> {
  return app.list(client, undefined, {});
}

/** The Domain API answers with this. */
function domainAnswers(effect: Record<string, unknown>, times?: number): void {
  lp.sandbox.setFaults([
    {
      match: { vendor: 'liveperson', resource: 'domain' },
      ...(times === undefined ? {} : { times }),
      effect: { kind: 'status', status: 200, ...effect },
    },
  ]);
}

function hostsAt(host: string): Record<string, unknown> {
  const services = ['accountConfigReadWrite', 'sentinel', 'agentVep'];
  return { body: { baseURIs: services.map((service) => ({ service, account: '12345678', baseURI: host })) } };
}

/** A client that logs in as a user of the sandbox. */
function loggedIn(username = 'admin'): ReturnType<LivepersonBench['connect']> {
  return lp.connect({ login: { username: () => username, password: () => 'sandbox-lp-password' } });
}

describe('the hosts of an account', () => {
  it('are looked up once for all calls', async () => {
    const client = lp.connect();
    await list(client);
    await list(client);
    await list(client);
    expect(callsSince(lp.sandbox, 0).filter((call) => call.includes('domain'))).toHaveLength(1);
  });

  it('are looked up once by calls side by side', async () => {
    const client = lp.connect();
    await Promise.all([list(client), list(client), list(client)]);
    expect(callsSince(lp.sandbox, 0).filter((call) => call.includes('domain'))).toHaveLength(1);
  });

  it('are looked up anew after an hour', async () => {
    let now = 0;
    const connection = new HttpConnection(lp.settings.limits);
    const hosts = new Hosts(lp.settings, connection, () => now);
    await hosts.base('sentinel');
    now = 59 * 60_000;
    await hosts.base('sentinel');
    expect(seqOf(lp.sandbox)).toBe(1);
    now = 61 * 60_000;
    await hosts.base('sentinel');
    expect(seqOf(lp.sandbox)).toBe(2);
    await connection.close();
  });

  it('that moved are found by the call after the one that reached nobody, and nothing was sent', async () => {
    const client = lp.connect();
    domainAnswers(hostsAt('127.0.0.1:9'), 1);
    const fault = await faultOf(app.create(client, bodyOf()));
    expect(fault).toMatchObject({ code: 'VENDOR_UNAVAILABLE', retryable: true, outcomeUnknown: false });
    await app.create(client, bodyOf());
    expect(liveApps(lp.sandbox)).toHaveLength(1);
  });

  it('while the Domain API is away are tried again', async () => {
    domainAnswers({ status: 503 }, 1);
    const client = lp.connect();
    expect(await faultOf(app.get(client, 'some-app', {}))).toMatchObject({
      code: 'VENDOR_UNAVAILABLE',
      retryable: true,
      resource: 'domain',
    });
    expect(await list(client)).toEqual([]);
  });

  it('while the Domain API is away for a moment hold up a list, and do not fail it', async () => {
    domainAnswers({ status: 503 }, 2);
    expect(await list(lp.connect())).toEqual([]);
    const domain = lp.sandbox.state().ledger.filter(({ resource }) => resource === 'domain');
    expect(domain.map(({ status }) => status)).toEqual([503, 503, 200]);
  });

  it.each([400, 401, 404] as const)(
    'of an account that does not exist are refused for good (%s)',
    async (unknownAccount) => {
      lp.set({ unknownAccount });
      const fault = await faultOf(list(lp.connect({ accountId: '99999999' })));
      expect(fault).toMatchObject({ code: 'INVALID_REQUEST', retryable: false });
      expect(fault.message).toContain('accountId');
    },
  );

  it('without the wanted service are refused, and looked up again the next time', async () => {
    lp.set({ missingServices: ['accountConfigReadWrite'] });
    const client = lp.connect();
    expect(await faultOf(list(client))).toMatchObject({ code: 'INVALID_REQUEST', retryable: false });
    lp.set({ missingServices: [] });
    expect(await list(client)).toEqual([]);
  });

  it.each([
    ['127.0.0.1:1/evil', true],
    ['user@127.0.0.1', true],
    ['10.0.0.1', false],
    ['127.0.0.1:1', false],
    ['', true],
  ])('that are no public host are not called: %s', async (host, allowPrivateUrls) => {
    domainAnswers(hostsAt(host));
    const fault = await faultOf(list(lp.connect({ allowPrivateUrls })));
    expect(['INVALID_REQUEST', 'VENDOR_UNAVAILABLE']).toContain(fault.code);
    expect(callsSince(lp.sandbox, 0).every((call) => call.includes('domain'))).toBe(true);
  });

  it.each([
    { domainApi: 'https://api.liveperson.net', host: 'va.sentinel.liveperson.net', taken: true, reason: 'its own' },
    { domainApi: 'https://api.liveperson.net', host: 'sentinel.evil.example', taken: false, reason: "somebody else's" },
    {
      domainApi: 'https://api.liveperson.net',
      host: 'liveperson.net.evil.example',
      taken: false,
      reason: 'only alike',
    },
    { domainApi: 'https://lp.acme.example', host: 'sentinel.acme.example', taken: true, reason: 'of the site set up' },
    {
      domainApi: 'https://lp.acme.example',
      host: 'va.ac.liveperson.net',
      taken: true,
      reason: 'its own, told by another',
    },
  ])('get credentials only where they are of LivePerson: $reason', async ({ domainApi, host, taken }) => {
    domainAnswers(hostsAt(host));
    // Asked at the sandbox, which plays the Domain API of that address.
    const connection = new HttpConnection(lp.settings.limits);
    const asked = {
      call: (request: HttpRequest) =>
        connection.call({ ...request, url: request.url.replace(domainApi, lp.settings.domainApi) }),
    };
    const hosts = new Hosts({ ...lp.settings, domainApi }, asked);
    const base = hosts.base('sentinel');
    if (taken) expect(await base).toBe(`https://${host}`);
    else expect((await faultOf(base)).message).toContain("is none of LivePerson's");
    await connection.close();
  });

  it('are called over https, but for this machine where private hosts are allowed', async () => {
    const connection = new HttpConnection(lp.settings.limits);
    domainAnswers(hostsAt('va.sentinel.liveperson.net'));
    expect(await new Hosts(lp.settings, connection).base('sentinel')).toBe('https://va.sentinel.liveperson.net');
    domainAnswers(hostsAt('10.1.2.3'));
    expect(await new Hosts(lp.settings, connection).base('sentinel')).toBe('https://10.1.2.3');
    domainAnswers(hostsAt('localhost:7070'));
    expect(await new Hosts(lp.settings, connection).base('sentinel')).toBe('http://localhost:7070');
    await connection.close();
  });
});

describe('access', () => {
  it('by a bearer that is not accepted is refused for good, after one call', async () => {
    lp.set({ fixedBearers: 'expired' });
    const fault = await faultOf(list());
    expect(fault).toMatchObject({ code: 'CREDENTIALS_REJECTED', retryable: false, httpStatus: 401 });
    expect(callsSince(lp.sandbox, 0).filter((call) => call === 'list app 401')).toHaveLength(1);
  });

  it('by a bearer that was renewed meanwhile goes on', async () => {
    const bearers = ['old', 'sandbox-lp-bearer'];
    const client = lp.connect({ bearer: () => (bearers.length > 1 ? bearers.shift() : bearers[0]) ?? '' });
    expect(await list(client)).toEqual([]);
  });

  it('of a user who is no administrator is refused, with the way out', async () => {
    const fault = await faultOf(list(lp.connect({ bearer: () => 'sandbox-lp-agent-bearer' })));
    expect(fault).toMatchObject({ code: 'PERMISSION_DENIED', retryable: false });
    expect(fault.message).toContain('mode handoff');
  });

  it('to an account without the install API is refused, with the way out', async () => {
    lp.set({ installApi: 'missing' });
    expect((await faultOf(list())).message).toContain('mode handoff');
    lp.set({ installApi: 'served' });
    expect((await faultOf(list(lp.connect({ accountId: '87654321' })))).message).toContain('mode handoff');
  });

  it('of a connection that only hands over is refused before any call to the install API', async () => {
    const { bearer: _bearer, ...settings } = lp.settings;
    const connected = livepersonModule.connect({ ...settings, mode: 'handoff' });
    expect(await faultOf(list(connected.client))).toMatchObject({ code: 'CREDENTIALS_REJECTED' });
    await connected.close();
  });

  it('by a login logs in once, and once more when the session is over', async () => {
    const client = loggedIn();
    await list(client);
    await list(client);
    lp.sandbox.revokeTokens('liveperson');
    await app.create(client, bodyOf());
    expect(callsSince(lp.sandbox, 0).filter((call) => call === 'token login 200')).toHaveLength(2);
    expect(liveApps(lp.sandbox)).toHaveLength(1);
  });

  it.each([
    ['blocked', 'PERMISSION_DENIED', 451],
    ['nobody', 'CREDENTIALS_REJECTED', 401],
    ['agent', 'PERMISSION_DENIED', null],
  ])('by the login of the user %s is refused', async (username, code, httpStatus) => {
    const fault = await faultOf(list(loggedIn(username)));
    expect(fault).toMatchObject({ code, httpStatus, retryable: false });
    expect(fault.message).not.toContain('sandbox-lp-password');
  });

  it('logged in too often waits at least five seconds', async () => {
    lp.set({ loginIntervalMs: 60_000 });
    const client = loggedIn('agent');
    await faultOf(list(client));
    expect(await faultOf(list(client))).toMatchObject({ code: 'RATE_LIMITED', retryable: true, retryAfterMs: 5_000 });
  });

  it.each(['present', 'absent'] as const)(
    'called too often waits at least a second (Retry-After %s)',
    async (retryAfter) => {
      lp.set({ requestsPerSecond: 0.001, retryAfter });
      const client = lp.connect();
      await list(client);
      expect(await faultOf(list(client))).toMatchObject({ code: 'RATE_LIMITED', retryable: true, retryAfterMs: 1_000 });
    },
  );

  it('names the version of the connection', async () => {
    await list(lp.connect({ apiVersion: '2.0' }));
    expect(lp.sandbox.state().ledger.at(-1)?.query).toEqual({ v: '2.0' });
  });
});
