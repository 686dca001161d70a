import { isJsonObject, type JsonObject } from '#libs/contracts/index.js';
import { parseUrl } from '#libs/text/url-faults.js';
import { has, objectAt, objectsAt, textAt } from '#libs/fields/raw.js';
import { createReport, repeated, type Report, type RuleFindings } from '#libs/fields/rules.js';
import { SINCH_CHANNELS, SINCH_CREDENTIALS, type SinchChannel } from './section.schema.js';

const ALL_CREDENTIALS: readonly string[] = [...new Set(Object.values(SINCH_CREDENTIALS).flat())];
/** Channels whose `static_bearer` is of use only with its token. Sinch's set-up page for VIBERBM gives the identity alone. */
const TOKEN_CHANNELS: readonly SinchChannel[] = ['SMS', 'WHATSAPP', 'RCS'];
/** Callbacks about contacts and conversations, which the mode DISPATCH does not keep. */
const CONVERSATION_TRIGGERS = /^(?:CONVERSATION|CONTACT)_|^SMART_CONVERSATIONS$/;
const FORBIDDEN_TARGET = /^conversation-api\.(?:.+\.)?sinch\.com$/;

/** Rules across the fields of the Sinch section (`docs/vendors/sinch.md` §3 and §4). Takes any document: what has the wrong type is the schema's. */
export function sinchRules(sinch: unknown): RuleFindings {
  const report = createReport('sinch');
  credentialRules(sinch, report);
  retentionRules(sinch, report);
  webhookRules(sinch, report);
  return report;
}

function credentialRules(sinch: unknown, report: Report): void {
  const entries = objectsAt(sinch, 'app', 'channel_credentials');
  const path = ['app', 'channel_credentials'];
  for (const { index, item } of entries) {
    const channel = SINCH_CHANNELS.find((name) => name === item['channel']);
    if (channel) credentialRule(channel, item, [...path, index], report);
  }
  for (const { index } of repeated(entries, ({ item }) =>
    item['channel'] === 'LINE' ? undefined : textAt(item, 'channel'),
  )) {
    report.error([...path, index, 'channel'], 'is there twice: only LINE may have several entries');
  }
  const line = entries.filter(({ item }) => item['channel'] === 'LINE');
  for (const { index } of repeated(line, ({ item }) => ordinalOf(item))) {
    report.error(
      [...path, index, 'credential_ordinal_number'],
      'is the number of another LINE entry too (0 when left out): give each a number of its own',
    );
  }
  if (entries.length === 0 && has(sinch, 'waitForActive') && objectAt(sinch)['waitForActive'] !== false) {
    report.warn(['waitForActive'], 'has no effect: the app has no channel to wait for');
  }
}

function ordinalOf(item: JsonObject): string | undefined {
  const ordinal = item['credential_ordinal_number'] ?? 0;
  return typeof ordinal === 'number' ? String(ordinal) : undefined;
}

/** Exactly one credential object, and the right one. */
function credentialRule(channel: SinchChannel, item: JsonObject, path: (string | number)[], report: Report): void {
  const right: readonly string[] = SINCH_CREDENTIALS[channel];
  const given = ALL_CREDENTIALS.filter((field) => has(item, field));
  for (const field of given.filter((f) => !right.includes(f))) {
    report.error([...path, field], `does not belong to ${channel}, which takes ${right.join(' or ')}: leave it out`);
  }
  const fitting = given.filter((field) => right.includes(field));
  if (fitting.length === 0) {
    report.error([...path, right[0] ?? ''], `is missing: ${channel} needs ${right.join(' or ')}`);
  }
  for (const field of fitting.slice(1)) {
    report.error([...path, field], `cannot stand beside ${fitting[0] ?? ''}: ${channel} takes one of the two`);
  }
  if (TOKEN_CHANNELS.includes(channel) && isJsonObject(item['static_bearer']) && !has(item, 'static_bearer', 'token')) {
    report.error([...path, 'static_bearer', 'token'], `is missing: ${channel} needs it`);
  }
  if (has(item, 'line_enterprise_credentials')) {
    const countries = ['line_japan', 'line_thailand'].filter((c) => has(item, 'line_enterprise_credentials', c));
    if (countries.length !== 1) {
      report.error([...path, 'line_enterprise_credentials'], 'must hold exactly one of line_japan and line_thailand');
    }
  }
  if (channel === 'INSTAGRAM' && !has(item, 'instagram_credentials', 'business_account_id')) {
    report.warn([...path, 'instagram_credentials'], "needs business_account_id when Sinch's own Facebook app is used");
  }
}

function retentionRules(sinch: unknown, report: Report): void {
  const policy = objectAt(sinch, 'app', 'retention_policy');
  if (policy['retention_type'] === 'PERSIST_RETENTION_POLICY' && has(policy, 'ttl_days')) {
    report.warn(['app', 'retention_policy', 'ttl_days'], 'has no effect with PERSIST_RETENTION_POLICY');
  }
}

function webhookRules(sinch: unknown, report: Report): void {
  const webhooks = objectsAt(sinch, 'webhooks');
  for (const { index } of repeated(webhooks, ({ item }) => textAt(item, 'target'))) {
    report.error(['webhooks', index, 'target'], 'is there twice: Sinch takes one webhook per target');
  }
  const dispatch = (textAt(sinch, 'app', 'processing_mode') ?? 'DISPATCH') === 'DISPATCH';
  for (const { index, item } of webhooks) {
    const target = parseUrl(textAt(item, 'target') ?? '');
    if (target && FORBIDDEN_TARGET.test(target.hostname)) {
      report.error(['webhooks', index, 'target'], "is a host of Sinch's own: give the address of your service");
    }
    triggerRules(item, index, dispatch, report);
  }
}

function triggerRules(webhook: JsonObject, index: number, dispatch: boolean, report: Report): void {
  const given = webhook['triggers'];
  const triggers = Array.isArray(given) ? [...given.entries()].map(([at, trigger]) => ({ at, trigger })) : [];
  const path = ['webhooks', index, 'triggers'];
  if (triggers.length === 0 && (given === undefined || Array.isArray(given))) {
    report.warn(path, 'names nothing, so the webhook is never called: list what it is for, such as MESSAGE_INBOUND');
  }
  for (const { at } of repeated(triggers, ({ trigger }) => (typeof trigger === 'string' ? trigger : undefined))) {
    report.error([...path, at], 'is there twice: name each trigger once');
  }
  for (const { at, trigger } of triggers) {
    if (!dispatch || typeof trigger !== 'string' || !CONVERSATION_TRIGGERS.test(trigger)) continue;
    report.warn(
      [...path, at],
      'never fires while the app has processing_mode DISPATCH: use CONVERSATION or leave it out',
    );
  }
}
