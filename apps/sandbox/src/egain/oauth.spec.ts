import { describe, expect, it } from 'vitest';
import { EGAIN_TOKEN, egainForm, egainToken, FORM, useSandbox } from '../testing/client.js';
import { bodyFor, NO_IDS, PATHS } from '../testing/egain-bodies.js';

const bench = useSandbox();

describe('tokens', () => {
  const ask = (change: Record<string, string | undefined>): ReturnType<typeof bench.raw> => {
    const form = new URLSearchParams(egainForm());
    for (const [key, value] of Object.entries(change)) {
      if (value === undefined) form.delete(key);
      else form.set(key, value);
    }
    return bench.raw('POST', EGAIN_TOKEN, form.toString(), FORM);
  };

  it('are given to the right credentials, with all four parameters', async () => {
    expect((await ask({})).body).toMatchObject({ token_type: 'Bearer', expires_in: 300 });
    expect((await ask({ scope: 'https://api.egain.cloud/auth/.default' })).status).toBe(200);
    expect(await ask({ client_secret: 'wrong' })).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    expect(await ask({ client_id: 'nobody' })).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    expect(await ask({ scope: 'admin' })).toMatchObject({ status: 400, body: { error: 'invalid_scope' } });
    expect((await ask({ grant_type: 'password' })).body.error).toBe('unsupported_grant_type');
    for (const name of ['grant_type', 'scope', 'client_id', 'client_secret']) {
      expect((await ask({ [name]: undefined })).body.error).toBe('invalid_request');
    }
  });

  it('expire, are revoked, and are told from none at all', async () => {
    expect((await bench.raw('GET', PATHS.channel)).body.code).toBe('401-104');
    bench.sandbox.clock.advance(299_000);
    expect((await bench.egain('GET', PATHS.channel)).status).toBe(200);
    bench.sandbox.clock.advance(1000);
    expect((await bench.egain('GET', PATHS.channel)).body.code).toBe('401-101');

    const authorization = `Bearer ${await egainToken(bench.sandbox)}`;
    expect((await bench.raw('GET', PATHS.channel, undefined, { authorization })).status).toBe(200);
    expect(bench.sandbox.revokeTokens('egain')).toBe(2);
    expect((await bench.raw('GET', PATHS.channel, undefined, { authorization })).body.code).toBe('401-101');
  });

  it('have knobs for their lifetime', async () => {
    bench.sandbox.setKnobs({ egain: { token: { lifetimeSeconds: 2, expiresIn: 'absent' } } });
    const { body } = await ask({});
    expect(body).not.toHaveProperty('expires_in');
    bench.sandbox.clock.advance(2000);
    const authorization = `Bearer ${body.access_token as string}`;
    expect((await bench.raw('GET', PATHS.channel, undefined, { authorization })).status).toBe(401);
  });

  it('open what their permission allows', async () => {
    const reading = await egainToken(bench.sandbox, 'app.conversation.conversationmgr.read');
    const authorization = `Bearer ${reading}`;
    expect((await bench.raw('GET', PATHS.channel, undefined, { authorization })).status).toBe(200);
    expect((await bench.raw('GET', PATHS.authentication, undefined, { authorization })).body.code).toBe('403-197');
    expect((await bench.raw('POST', PATHS.channel, {}, { authorization })).body.code).toBe('403-197');
    bench.sandbox.setKnobs({ egain: { permission: 'read' } });
    expect((await bench.egain('POST', PATHS.channel, {})).body.code).toBe('403-197');
    bench.sandbox.setKnobs({ egain: { permission: 'none' } });
    const none = `Bearer ${await egainToken(bench.sandbox)}`;
    expect((await bench.raw('GET', PATHS.channel, undefined, { authorization: none })).status).toBe(403);
  });

  it('lead to the tenant of their client', async () => {
    const authorization = `Bearer ${await egainToken(bench.sandbox, undefined, 1)}`;
    const { id } = (await bench.egain('POST', PATHS.channel, bodyFor('channel', NO_IDS))).body;
    const path = `${PATHS.channel}/${id as string}`;
    expect((await bench.raw('GET', path, undefined, { authorization })).status).toBe(404);
    const same = await bench.raw('POST', PATHS.channel, bodyFor('channel', NO_IDS), { authorization });
    expect(same.status).toBe(201);
  });
});
