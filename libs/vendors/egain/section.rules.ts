import { isJsonObject, type JsonObject } from '#libs/contracts/index.js';
import { characters, utf8Bytes } from '#libs/text/characters.js';
import { has, objectAt, objectsAt, textAt, valueAt } from '#libs/fields/raw.js';
import { createReport, repeated, type Report, type RuleFindings } from '#libs/fields/rules.js';

const BOT_ROLES = ['custom_bot', 'egain_bot'];
/** Channel types that eGain is known to supply itself (`docs/vendors/egain.md` §8). */
const OWN_TYPES = ['sms', 'whatsapp'];
const RICH_MESSAGES = [
  ...['listpicker', 'quickreply', 'timepicker', 'richlink'],
  ...['template', 'form', 'payment', 'app', 'authentication'],
];
/** Longest channel type in bytes: a node's key becomes the id of its activity, and Temporal takes 1000. */
const TYPE_BYTES = 900;

/** Rules across the fields of the eGain section (`docs/vendors/egain.md` §4, §7 and §8). Takes any document: what has the wrong type is the schema's. */
export function egainRules(egain: unknown): RuleFindings {
  const report = createReport('egain');
  authenticationRules(egain, report);
  rolesRules(objectAt(egain, 'clientApplication'), ['clientApplication'], report);
  customerRules(egain, report);
  if (has(egain, 'bot')) botRules(egain, report);
  channelRules(egain, report);
  orchestrationRules(egain, report);
  nameRules(egain, report);
  return report;
}

function authenticationRules(egain: unknown, report: Report): void {
  if (!has(egain, 'authentication')) return;
  const authentication = objectAt(egain, 'authentication');
  const type = textAt(authentication, 'type');
  for (const [kind, field] of [
    ['oauth2', 'oauth2'],
    ['basic', 'basicAuth'],
  ] as const) {
    if (type === kind && !has(authentication, field)) {
      report.error(['authentication', field], `is missing: an authentication of the type ${kind} needs it`);
    }
    const other = type === (kind === 'basic' ? 'oauth2' : 'basic');
    if (other && has(authentication, field)) {
      report.error(['authentication', field], `belongs to the type ${kind}: leave it out or change the type`);
    }
  }
  const roles = [
    ...objectsAt(egain, 'clientApplication', 'roles'),
    ...objectsAt(egain, 'bot', 'clientApplication', 'roles'),
  ];
  if (roles.length > 0 && roles.every(({ item }) => has(item, 'authentication'))) {
    report.warn(['authentication'], 'is used by no role, since every role names an authentication of its own');
  }
}

function rolesRules(application: JsonObject, path: string[], report: Report): void {
  const roles = objectsAt(application, 'roles');
  for (const { index } of repeated(roles, ({ item }) => textAt(item, 'name'))) {
    report.error([...path, 'roles', index, 'name'], 'is there twice: a role may be given once per client application');
  }
  for (const { index, item } of roles) {
    if (textAt(item, 'version') !== 'v1') continue;
    report.warn([...path, 'roles', index, 'version'], 'is the older payload: use v3 unless the callback needs v1');
  }
}

/** Replies go to the customer role of the client application; channels that eGain does not supply need it. */
function customerRules(egain: unknown, report: Report): void {
  const roles = objectsAt(egain, 'clientApplication', 'roles');
  if (roles.length === 0 || roles.some(({ item }) => textAt(item, 'name') === 'customer')) return;
  const custom = objectsAt(egain, 'channels').some(({ item }) => textAt(item, 'type')?.startsWith('custom.') === true);
  const message = 'holds no role named customer, to which eGain sends the replies: add one';
  if (custom) report.error(['clientApplication', 'roles'], message);
  else report.warn(['clientApplication', 'roles'], message);
}

function botRules(egain: unknown, report: Report): void {
  const application = objectAt(egain, 'bot', 'clientApplication');
  const path = ['bot', 'clientApplication'];
  rolesRules(application, path, report);

  const roles = objectsAt(application, 'roles').flatMap(({ item }) => textAt(item, 'name') ?? []);
  const bots = [...new Set(roles.filter((name) => BOT_ROLES.includes(name)))];
  const type = textAt(egain, 'bot', 'participant', 'type');
  if (roles.length > 0 && bots.length === 0) {
    report.error([...path, 'roles'], 'holds no role of a bot: add one named custom_bot or egain_bot');
  } else if (bots.length > 1 && type === undefined && isJsonObject(valueAt(egain, 'bot', 'participant'))) {
    report.error(
      ['bot', 'participant', 'type'],
      'is missing: the bot has two roles, say which one the participant has',
    );
  } else if (type !== undefined && BOT_ROLES.includes(type) && bots.length > 0 && !bots.includes(type)) {
    report.error(['bot', 'participant', 'type'], `does not fit the bot's role: use ${bots.join('')} or leave it out`);
  }
  if ((type ?? bots[0]) === 'egain_bot') {
    report.warn(
      ['bot', 'participant'],
      'eGain makes the participant of an egain_bot itself when the bot is made in its VA application: make the bot there, give ' +
        'its name here and list egain.bot.participant under adopt',
    );
  }
}

function channelRules(egain: unknown, report: Report): void {
  const channels = objectsAt(egain, 'channels');
  for (const { index } of repeated(channels, ({ item }) => textAt(item, 'type')?.toLowerCase())) {
    report.error(['channels', index, 'type'], 'is there twice: eGain holds one channel per type, whatever the case');
  }
  for (const { index, item } of channels) {
    typeRules(textAt(item, 'type') ?? '', ['channels', index, 'type'], report);
    const path = ['restrictions', 'outbound', 'richMessageTypes'] as const;
    const types = objectAt(item, 'restrictions', 'outbound')['richMessageTypes'];
    for (const [at, type] of (Array.isArray(types) ? types : []).entries()) {
      if (typeof type !== 'string' || RICH_MESSAGES.includes(type)) continue;
      report.warn(['channels', index, ...path, at], `is none of the known types ${RICH_MESSAGES.join(', ')}`);
    }
  }
}

function typeRules(type: string, path: readonly (string | number)[], report: Report): void {
  const letters = type.toLowerCase().replace(/[^a-z.]/g, '');
  if (/^googlebusinessmessag(es|ing)$/.test(letters)) {
    report.error(path, 'is no longer offered: Google ended Business Messages on 31 July 2024; use another channel');
  } else if (letters === 'whatsapp') {
    report.warn(path, "needs a Twilio subaccount and Meta's approval first: those are given by hand, outside this job");
  } else if (type !== '' && !type.startsWith('custom.') && !OWN_TYPES.includes(type.toLowerCase())) {
    report.warn(path, 'has no prefix custom., which eGain expects for channels that it does not supply itself');
  }
  if (characters(type) <= 255 && utf8Bytes(type) > TYPE_BYTES) {
    report.error(path, `must be at most ${TYPE_BYTES} bytes long in UTF-8`);
  }
}

/** The first bot is the one of the spec and is wired; others, and all where the spec has no bot, stand outside it and need their ids. */
function orchestrationRules(egain: unknown, report: Report): void {
  const configuration = objectAt(egain, 'orchestration', 'applications', 'botConfiguration');
  const path = ['orchestration', 'applications', 'botConfiguration'];
  const wired = has(egain, 'bot');
  const isGiven = isJsonObject(valueAt(egain, 'orchestration', 'applications', 'botConfiguration'));
  if (!wired && isGiven && !has(configuration, 'bots')) {
    report.error(
      [...path, 'bots'],
      'is missing: the spec has no bot, so name one by its id, or leave out botConfiguration',
    );
  }
  for (const { index, item } of objectsAt(configuration, 'bots')) {
    for (const field of ['id', 'participant']) {
      const at = [...path, 'bots', index, field];
      if (wired && index === 0) {
        if (has(item, field)) report.error(at, 'is wired to the bot of this spec: leave it out');
      } else if (!has(item, field)) {
        report.error(at, 'is missing: a bot outside this spec needs the ids of its client application and participant');
      }
    }
  }
}

/** Names are unique in the tenant, whatever the case (`docs/vendors/egain.md` §4). */
function nameRules(egain: unknown, report: Report): void {
  const applications = [['clientApplication'], ['bot', 'clientApplication']];
  for (const path of repeated(applications, (p) => textAt(egain, ...p, 'name')?.toLowerCase())) {
    report.error([...path, 'name'], 'is the name of the other client application too: eGain wants different ones');
  }
  const channels = objectsAt(egain, 'channels');
  for (const { index } of repeated(channels, ({ item }) => textAt(item, 'account', 'name')?.toLowerCase())) {
    report.error(
      ['channels', index, 'account', 'name'],
      'is the name of another account too: eGain wants different ones',
    );
  }
}
