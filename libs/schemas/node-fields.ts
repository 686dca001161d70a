import { manifestFields, type Check } from '#libs/vendors/liveperson/manifest/index.js';
import {
  accountSchema,
  authenticationSchema,
  channelSchema,
  clientApplicationSchema,
  orchestrationSchema,
  participantSchema,
} from './egain.schema.js';
import { joined, treeOf, type FieldTree } from './field-paths.js';
import { limitsOf, type Limits } from './limits.js';
import { sinchAppSchema, sinchWebhookSchema } from './sinch.schema.js';

/** Fields of the bodies that nodes have, by resource: what a spec gives, and what the engine writes. */
type NodeFields = Readonly<Record<string, () => FieldTree>>;

const MARKED = ['name', 'description'];

const EGAIN_FIELDS: NodeFields = {
  'egain.authentication': () => body(limitsOf(authenticationSchema), MARKED),
  'egain.clientApplication': () => body(limitsOf(clientApplicationSchema), MARKED),
  'egain.participant': () => body(limitsOf(participantSchema), [...MARKED, 'application.id']),
  'egain.channel': () => body(limitsOf(channelSchema.omit({ account: true })), ['description']),
  'egain.orchestration': () =>
    body(limitsOf(orchestrationSchema), [...MARKED, 'applications.customerConfiguration.customer.id']),
  'egain.account': () =>
    body(limitsOf(accountSchema), [...MARKED, 'channel.id', 'chatConfigurations.orchestration.id']),
};

const SINCH_FIELDS: NodeFields = {
  'sinch.app': () => body(limitsOf(sinchAppSchema)),
  'sinch.webhook': () => body(limitsOf(sinchWebhookSchema), ['app_id']),
};

/** Paths of an app's changes begin in its manifest. */
const LIVEPERSON_FIELDS: NodeFields = { 'liveperson.app': () => ofCheck(manifestFields) };

const ALL: NodeFields = { ...EGAIN_FIELDS, ...SINCH_FIELDS, ...LIVEPERSON_FIELDS };
const read = new Map<string, FieldTree>();

/** The fields of a resource's bodies, as its changes name them; undefined for what has no body of its own. */
export function fieldsOf(resource: string): FieldTree | undefined {
  const known = read.get(resource);
  if (known) return known;
  const fields = ALL[resource]?.();
  if (fields) read.set(resource, fields);
  return fields;
}

function body(limits: Limits, written: readonly string[] = []): FieldTree {
  return joined([ofLimits(limits), treeOf(written)]);
}

function ofLimits(limits: Limits): FieldTree {
  return {
    field: (name) => {
      const below = limits.field.get(name) ?? limits.anyField;
      return below && ofLimits(below);
    },
    fields: [...limits.field.keys()],
    item: limits.item && ofLimits(limits.item),
  };
}

function ofCheck(check: Check): FieldTree {
  return {
    field: (name) => {
      const below = check.field?.(name);
      return below && ofCheck(below);
    },
    fields: check.fields ?? [],
    item: check.item && ofCheck(check.item),
  };
}
