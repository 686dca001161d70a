import type { JsonObject, OnboardingSpec, PlanNode, Vendor } from '#libs/contracts/index.js';
import type { FieldTree } from '#libs/fields/field-paths.js';
import type { LargeItems } from '#libs/fields/findings.js';
import type { RuleFindings } from '#libs/fields/rules.js';
import type { PlanningContext } from '#libs/planning/index.js';
import type { ConnectionMeter, Resource } from '#libs/resources/contract.js';
import type { Hints } from '#libs/text/closest.js';
import type { ZodType } from 'zod';
import type { Connection, ConnectionKind } from './common/connection.js';

/**
 * A vendor's section of a spec: how it is written and what is made of it. `Input` is the section as it was sent and found right,
 * `Section` what stands in the spec. Paths and places are within the section, but for `placeOf`.
 */
export interface VendorSection<Input = unknown, Section = unknown> {
  /** Field by field; the source of the API description. */
  schema: ZodType;
  /** The list of the section that may be long and whose items are large. Absent: none is. */
  large?: LargeItems;
  /** Rules across its fields. Takes any document: what has the wrong type is the schema's. */
  rules(section: unknown, hints: Hints): RuleFindings;
  withDefaults(input: Input): Section;
  /** The section as it would be sent: what `withDefaults` turns into the same again. */
  document(section: Section): object;
  /** Dot paths of the customer's addresses. */
  urls: readonly string[];
  /** Dot paths of secrets. */
  secrets: readonly string[];
  /** Those of the secrets that are bodies of several lines: a line break at the end of one is nothing odd. */
  bodies: readonly string[];
  /** Those of the secrets that travel in a header. */
  headers: readonly string[];
  /** The nodes that the section would be planned into, as far as it can be read, with their resources. */
  nodes(section: unknown): readonly (readonly [key: string, resource: string])[];
  /** Where a node's part of the section stands in the spec, as a pointer without places in arrays, `/egain/channels`. */
  placeOf(key: string): string;
  /** The fields of the bodies of a resource, as its changes name them. A resource that is left out has no body of its own. */
  fields: Readonly<Record<string, () => FieldTree>>;
}

/**
 * A vendor, whole: all that the engine knows of it. `C` is its client, `S` its connections. The sandbox's folder of the same name is
 * its twin.
 */
export interface VendorModule<C = unknown, S extends Connection = Connection> {
  vendor: Vendor;
  /** Its name as it writes it itself. */
  label: string;
  /** The product of it that is set up. */
  product: string;
  /**
   * Where a spec may be led by this vendor's section: the chain that bears its name. `beside` are vendors whose sections may stand
   * beside it; `description` completes "onboards".
   */
  chain?: { description: string; beside: readonly Vendor[] };
  connection: ConnectionKind<S>;
  section: VendorSection;
  /** Names the account at the vendor that a connection reaches: objects that were recorded in another one cannot be compared. */
  place(connection: S): string;
  /** Whether a person works at a connection, so that nothing can be read there. Absent: never. */
  byHand?(connection: S): boolean;
  /** What planning needs to know of a connection. Holds no secret. */
  facts(connection: S): JsonObject;
  /**
   * The nodes of a section. Pure: the same spec and context give the same nodes.
   * @throws {PlanningError} when the connection lacks what the spec relies on.
   */
  plan(spec: OnboardingSpec, section: unknown, ctx: PlanningContext): PlanNode[];
  resources: readonly Resource<C>[];
  /** One client per connection and process: it shares tokens and lists, paces calls and holds the dispatcher. Without a meter nothing is counted. */
  connect(settings: S, meter?: ConnectionMeter): { client: C; close(): Promise<void> };
}
