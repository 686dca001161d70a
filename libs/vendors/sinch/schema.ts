import { z } from 'zod';
import type { JsonObject } from '#libs/contracts/index.js';
import { firstObject, isId, isUlid } from '../common/index.js';

/** The id of an object that stands, taken as it is (`docs/vendors/sinch.md` §2). */
const id = z.string().refine(isId);

/** A list that lacks its array is not an empty one: an answer like `{}` must never read as "no app". */
const appList = z.looseObject({ apps: z.array(z.unknown()) });
const webhookList = z.looseObject({ webhooks: z.array(z.unknown()) });

const app = z.looseObject({
  id,
  display_name: z.string(),
  channel_credentials: z.array(z.looseObject({ channel: z.string() })).nullish(),
});

const webhook = z.looseObject({ id, app_id: z.string().optional(), target: z.string() });

/** Ids are ULIDs (`docs/vendors/sinch.md` §2). */
const created = z.looseObject({ id: z.string().refine(isUlid) });

const channelState = z.looseObject({
  channel: z.string(),
  credential_ordinal_number: z.number().nullish(),
  state: z.looseObject({ status: z.string().nullish(), description: z.string().nullish() }).nullish().catch(undefined),
});
const appStates = z.looseObject({ id, channel_credentials: z.array(channelState).nullish() });

/** Error body (`docs/vendors/sinch.md` §5), also without its `error` wrapper as some examples show it; a gateway may send anything. */
const refusal = z.looseObject({
  status: z.string().optional().catch(undefined),
  message: z.string().optional().catch(undefined),
});
const wrapped = z.looseObject({ error: refusal });

/** An app or webhook as Sinch sends it, all fields kept, secrets among them: it does not leave the resources' code. */
export interface RawObject {
  id: string;
  fields: JsonObject;
}

/** State of one channel of an app (`docs/vendors/sinch.md` §3.4). */
export interface ChannelState {
  channel: string;
  ordinal: number;
  status: string;
  description: string;
}

/** Items of a list before each is parsed; undefined when the answer is no such list. */
export function parseList(kind: 'apps' | 'webhooks', json: unknown): unknown[] | undefined {
  return kind === 'apps' ? appList.safeParse(json).data?.apps : webhookList.safeParse(json).data?.webhooks;
}

export function parseApp(json: unknown): RawObject | undefined {
  const parsed = app.safeParse(json);
  // What the schema does not name passes; all of it came out of JSON.
  return parsed.success ? { id: parsed.data.id, fields: json as JsonObject } : undefined;
}

export function parseWebhook(json: unknown): RawObject | undefined {
  const parsed = webhook.safeParse(json);
  return parsed.success ? { id: parsed.data.id, fields: json as JsonObject } : undefined;
}

/** The id in the answer of a create; undefined when there is none. */
export function parseCreatedId(json: unknown): string | undefined {
  return created.safeParse(json).data?.id;
}

/** The channels of an app; one without a state is PENDING, as the schema's default says. Undefined when the answer is no app. */
export function parseChannelStates(json: unknown): ChannelState[] | undefined {
  const parsed = appStates.safeParse(json);
  if (!parsed.success) return undefined;
  return (parsed.data.channel_credentials ?? []).map(({ channel, credential_ordinal_number: ordinal, state }) => ({
    channel,
    ordinal: ordinal ?? 0,
    status: state?.status ?? 'PENDING',
    description: state?.description ?? '',
  }));
}

/** What a refusal says, as far as it can be read. */
export function parseRefusal(json: unknown): { code: string | null; text: string | undefined } {
  const body = firstObject(json);
  const { status, message } = wrapped.safeParse(body).data?.error ?? refusal.safeParse(body).data ?? {};
  return { code: status ?? null, text: message };
}
