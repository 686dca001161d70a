import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from './clock.js';
import type { FaultEngine, FaultSubject } from './faults/engine.js';
import type { Pending } from './faults/pending.js';
import type { Effect, MadeUpAnswer } from './faults/rules.js';
import { parseJson } from './json.js';
import type { Ledger, LedgerEntry } from './ledger.js';
import { redact } from './secrets.js';
import type { CommonKnobs, Vendor, VendorReply } from './vendor.js';

/** A vendor in place: its name, where it answers, and how slow it is. */
export interface Mounted {
  name: string;
  prefixes: readonly string[];
  vendor: Vendor;
  knobs: () => CommonKnobs;
}

export interface Desk {
  clock: Clock;
  mounted: readonly Mounted[];
  faults: FaultEngine;
  pending: Pending;
  ledger: Ledger;
  /** Told after every call that has changed what a vendor holds. */
  changed: () => void;
}

/** Largest body of a call to a vendor: an eGain icon has 512,000 characters. */
const MOST_BYTES = 4 * 1024 * 1024;

/** Serves one call to a vendor: writes it down, lets the fault rules have their way, applies it and answers. */
export async function dispatch(desk: Desk, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const url = new URL(request.url, 'http://sandbox');
  const place = placeOf(desk.mounted, url.pathname);
  if (!place) {
    await reply.code(404).send({ error: `no vendor answers at ${url.pathname}` });
    return;
  }
  const { mounted, path } = place;
  const target = mounted.vendor.identify(request.method, path);
  const subject: FaultSubject = { ...target, vendor: mounted.name, method: request.method, path: url.pathname };
  const started = performance.now();
  const entry = desk.ledger.open({
    ...subject,
    resource: target.resource,
    at: new Date(desk.clock.now()).toISOString(),
    query: redactedQuery(url.searchParams),
    requestId: request.id,
  });
  reply.raw.once('close', () => {
    entry.durationMs = Math.round(performance.now() - started);
  });

  const refusal = desk.faults.beforeBody(subject);
  if (refusal) {
    entry.fault = refusal.id;
    if (refusal.effect.kind === 'refuse') cutOff(reply, refusal.effect.cut);
    return;
  }
  const body = await readText(request);
  entry.body = redactedBody(body);
  const apply = (): VendorReply => {
    const answer = mounted.vendor.handle({
      method: request.method,
      path,
      query: url.searchParams,
      headers: request.headers,
      body,
    });
    entry.applied = answer.changed ?? false;
    if (entry.applied) desk.changed();
    entry.objectId = answer.objectId ?? null;
    entry.page = answer.page ?? null;
    entry.code = answer.code ?? null;
    return answer;
  };
  const hit = desk.faults.afterBody({ ...subject, body });
  const { delayMs } = mounted.knobs();
  if (delayMs > 0 && !(await desk.pending.wait(delayMs))) {
    cutOff(reply, 'reset');
    return;
  }
  entry.fault = hit?.id ?? null;
  if (hit) await perform(hit.effect, apply, { desk, reply, entry });
  else await sendGenuine(reply, entry, apply());
}

interface Line {
  desk: Desk;
  reply: FastifyReply;
  entry: LedgerEntry;
}

async function perform(effect: Effect, apply: () => VendorReply, { desk, reply, entry }: Line): Promise<void> {
  switch (effect.kind) {
    case 'refuse':
    case 'reset-before':
      cutOff(reply, effect.cut);
      return;
    case 'reset-after':
      apply();
      cutOff(reply, effect.cut);
      return;
    case 'delay': {
      const early = effect.effectFirst ? apply() : undefined;
      if (await desk.pending.wait(effect.ms)) await sendGenuine(reply, entry, early ?? apply());
      else cutOff(reply, 'reset');
      return;
    }
    case 'status':
      if (effect.apply) apply();
      return send(reply, entry, madeUp(effect));
    case 'truncated':
      sendTruncated(reply, entry, apply());
      return;
    case 'body': {
      const answer = apply();
      return send(reply, entry, madeUp({ ...effect, status: answer.status === 204 ? 200 : answer.status }));
    }
    case 'late': {
      const elapsed = desk.pending.wait(effect.ms);
      if (effect.reply === 'reset') cutOff(reply, 'reset');
      else if (effect.reply === 'hang') reply.hijack();
      else await send(reply, entry, madeUp(effect.reply));
      if (await elapsed) apply();
      return;
    }
    case 'hang':
      reply.hijack();
  }
}

/** The vendor that answers at `pathname`, by the longest prefix, and the path behind that. */
function placeOf(mounted: readonly Mounted[], pathname: string): { mounted: Mounted; path: string } | undefined {
  const [best] = mounted
    .flatMap((candidate) => candidate.prefixes.map((prefix) => ({ mounted: candidate, prefix })))
    .filter(({ prefix }) => pathname === prefix || pathname.startsWith(`${prefix}/`))
    .sort((a, b) => b.prefix.length - a.prefix.length);
  return best && { mounted: best.mounted, path: pathname.slice(best.prefix.length) || '/' };
}

async function readText(request: FastifyRequest): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.raw as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MOST_BYTES)
      throw Object.assign(new Error(`body is larger than ${MOST_BYTES} bytes`), { statusCode: 413 });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** An old way to ask for a token puts the secret into the query. */
function redactedQuery(query: URLSearchParams): LedgerEntry['query'] {
  return redact(Object.fromEntries(query)) as LedgerEntry['query'];
}

function redactedBody(body: string): LedgerEntry['body'] {
  const parsed = parseJson(body);
  if (parsed !== undefined) return redact(parsed);
  return body.includes('=') ? redact(Object.fromEntries(new URLSearchParams(body))) : null;
}

function madeUp({ status, body, headers, contentType }: MadeUpAnswer): VendorReply {
  const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
  const type = contentType === undefined ? {} : { 'content-type': contentType };
  return { status, ...(text !== undefined && { body: text }), headers: { ...headers, ...type } };
}

async function send(reply: FastifyReply, entry: LedgerEntry, answer: VendorReply): Promise<void> {
  entry.status = answer.status;
  reply.code(answer.status);
  if (answer.body !== undefined) reply.type('application/json; charset=utf-8');
  await reply.headers(answer.headers ?? {}).send(answer.body);
}

/** The vendor's own answer, to a client that may have gone in the meantime. */
async function sendGenuine(reply: FastifyReply, entry: LedgerEntry, answer: VendorReply): Promise<void> {
  entry.genuine = reply.raw.socket?.destroyed === false;
  await send(reply, entry, answer);
}

/** Half of the answer, after a header that promises all of it. */
function sendTruncated(reply: FastifyReply, entry: LedgerEntry, answer: VendorReply): void {
  const text = Buffer.from(answer.body ?? '{"id":"00000000-0000-4000-8000-000000000000"}');
  entry.status = answer.status === 204 ? 200 : answer.status;
  reply.hijack();
  reply.raw.writeHead(entry.status, {
    ...answer.headers,
    'content-type': 'application/json; charset=utf-8',
    'content-length': text.length,
  });
  reply.raw.write(text.subarray(0, Math.floor(text.length / 2)), () => reply.raw.socket?.destroy());
}

function cutOff(reply: FastifyReply, cut: 'reset' | 'close'): void {
  reply.hijack();
  const { socket } = reply.raw;
  if (cut === 'reset') socket?.resetAndDestroy();
  else socket?.destroy();
}
