import type { JsonObject } from './json.js';
import type { PersonPlan } from './handoff.js';
import type { Chain, Vendor } from './names.js';
import type { NotifySpec, OnFailure } from './spec.js';

/** Stands in a body for a value that another node produces: `{"$ref": "egain.authentication.id"}`; splits at the last dot. */
export interface NodeRef {
  $ref: string;
}

/** One object at a vendor, as data: what it is, what it needs, what it should look like. */
export interface PlanNode {
  /** `egain.channel.custom.acme`; unique in the plan. */
  key: string;
  /** The node's name where Temporal keeps it in clear: in activity ids and the attribute `Step`. Absent: the key. */
  stepName?: string;
  vendor: Vendor;
  /** The vendor's name as it writes it itself, for people. Absent: `vendor`. */
  vendorLabel?: string;
  resource: string;
  /** Name of the vendor connection. */
  connection: string;
  /** A few words for people, at most 40 characters, without customer secrets, addresses or phone numbers. */
  title: string;
  /** Keys of the nodes whose results the body holds, or that must stand first. */
  needs: string[];
  /** True for a condition that the job waits for (channels to be active) instead of an object. Absent: false. */
  waits?: boolean;
  /** What a person does for the node. Absent: nothing. */
  person?: PersonPlan;
  /** The account at the vendor that the connection reaches, where another connection may reach the same one. Absent: not told. */
  place?: string;
  /** Whether a matching object that is not ours may be taken over. */
  adopt: boolean;
  /** The ownership marker; it stands in the body where the vendor has a place for it. Empty where it has none. */
  marker: string;
  /** The vendor's request body: references to other nodes as `NodeRef`, inline secrets sealed. Long texts are interned, see `Plan.texts`. */
  body: JsonObject;
}

/** A planned chain: the one thing that is shown, run, undone, observed and kept. Made by a pure function of the spec. */
export interface Plan {
  version: 1;
  tenant: string;
  account: string;
  chain: Chain;
  installation: string;
  onFailure: OnFailure;
  notify: NotifySpec[];
  /** In dependency order. */
  nodes: PlanNode[];
  /** The spec with sealed secrets, for reading back. Long texts are interned. */
  spec: JsonObject;
  /** Long texts (an icon) of `spec` and `nodes`, each kept once; bodies hold `{"$text": index}` in their place. */
  texts: string[];
  /** SHA-256 (hex) over the nodes, inline secrets as their HMAC. */
  planHash: string;
  /** SHA-256 (hex) over the spec with its defaults, inline secrets as their HMAC. */
  specHash: string;
}
