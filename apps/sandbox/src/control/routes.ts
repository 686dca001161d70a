import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { faultRules } from '../faults/rules.js';
import type { JsonObject } from '../json.js';
import { parseOrRefuse } from '../parsing.js';
import type { SandboxControls } from '../sandbox.js';

/** 10,000 objects of some kilobytes each. */
const MOST_BYTES = 256 * 1024 * 1024;

const object = z.custom<JsonObject>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'must be a JSON object',
);
const insertion = z.strictObject({
  vendor: z.string(),
  kind: z.string(),
  /** eGain tenant or Sinch region. */
  scope: z.string().optional(),
  objects: z.array(object),
});
const resetting = z.strictObject({
  keepFaults: z.boolean().default(false),
  keepKnobs: z.boolean().default(false),
  seed: z.boolean().optional(),
});
const stateQuery = z.object({
  ledger: z.enum(['true', 'false']).default('true'),
  objects: z.enum(['true', 'false']).default('true'),
  since: z.coerce.number().int().min(0).default(0),
});
const revocation = z.strictObject({ vendor: z.string().optional() });
const movement = z.strictObject({ advanceMs: z.number().min(0) });
const objectPath = z.object({ vendor: z.string(), kind: z.string(), id: z.string() });

/** The control interface under `/_sandbox`: the same as the methods of `Sandbox`, over HTTP. */
export function addControlRoutes(app: FastifyInstance, sandbox: SandboxControls): void {
  app.get('/_sandbox/state', (request) => {
    const { ledger, objects, since } = parseOrRefuse(stateQuery, request.query);
    return sandbox.state({ ledger: ledger === 'true', objects: objects === 'true', since });
  });
  app.post('/_sandbox/reset', (request) => {
    sandbox.reset(parseOrRefuse(resetting, bodyOf(request)));
    return { ok: true };
  });

  app.get('/_sandbox/faults', () => ({ rules: sandbox.faults() }));
  app.put('/_sandbox/faults', (request) => {
    sandbox.setFaults(parseOrRefuse(faultRules, request.body).rules);
    return { rules: sandbox.faults() };
  });
  app.get('/_sandbox/knobs', () => sandbox.knobs());
  app.put('/_sandbox/knobs', (request) => sandbox.setKnobs(parseOrRefuse(object, request.body)));

  app.post('/_sandbox/objects', { bodyLimit: MOST_BYTES }, async (request, reply) => {
    const { vendor, kind, objects, scope } = parseOrRefuse(insertion, request.body);
    await reply.code(201).send({ ids: sandbox.insert(vendor, kind, objects, scope) });
  });
  app.patch('/_sandbox/objects/:vendor/:kind/:id', (request) => {
    const { vendor, kind, id } = parseOrRefuse(objectPath, request.params);
    return sandbox.edit(vendor, kind, id, parseOrRefuse(object, request.body));
  });
  app.delete('/_sandbox/objects/:vendor/:kind/:id', async (request, reply) => {
    const { vendor, kind, id } = parseOrRefuse(objectPath, request.params);
    sandbox.remove(vendor, kind, id);
    await reply.code(204).send();
  });

  app.post('/_sandbox/tokens/revoke', (request) => ({
    revoked: sandbox.revokeTokens(parseOrRefuse(revocation, bodyOf(request)).vendor),
  }));
  app.post('/_sandbox/clock', (request) => {
    sandbox.clock.advance(parseOrRefuse(movement, request.body).advanceMs);
    return { now: new Date(sandbox.clock.now()).toISOString() };
  });
}

/** A body may be left out where every field of it may. */
function bodyOf(request: FastifyRequest): unknown {
  return request.body ?? {};
}
