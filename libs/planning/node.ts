import {
  formatMarker,
  type AccountRef,
  type JsonObject,
  type OnboardingSpec,
  type PersonPlan,
  type PlanNode,
  type Vendor,
} from '#libs/contracts/index.js';
import type { PlanningContext } from './context.js';
import { refsOf } from './refs.js';

const TITLE_LIMIT = 40;

/** Makes the nodes of one vendor section of a spec. */
export interface NodeFactory {
  account: AccountRef;
  /** The ownership marker of a node. */
  marker(key: string): string;
  /** A node that needs what its body refers to. `marker` stays empty where the vendor has no place for one. */
  node(parts: {
    key: string;
    resource: string;
    title: string;
    body: JsonObject;
    /** Stands in place of a key that is not fit to stand in clear. */
    stepName?: string | undefined;
    marker?: string;
    waits?: boolean;
    person?: PersonPlan;
    place?: string;
  }): PlanNode;
}

/** A factory for the nodes of one vendor's connection. */
export function createNodeFactory(
  spec: OnboardingSpec,
  ctx: PlanningContext,
  { vendor, label }: { vendor: Vendor; label: string },
  connection: string,
): NodeFactory {
  const account = { tenant: spec.tenant, account: spec.account };
  return {
    account,
    marker: (key) => formatMarker({ installation: ctx.installation, account, node: key }),
    node: ({ key, resource, title, body, marker = '', waits = false, person, place, stepName }) => ({
      key,
      ...(stepName === undefined ? {} : { stepName }),
      vendor,
      vendorLabel: label,
      resource,
      connection,
      title: shortTitle(title),
      needs: refsOf(body),
      adopt: Array.isArray(spec.adopt) ? spec.adopt.includes(key) : spec.adopt,
      marker,
      ...(waits ? { waits } : {}),
      ...(person ? { person } : {}),
      ...(place === undefined ? {} : { place }),
      body,
    }),
  };
}

function shortTitle(title: string): string {
  const characters = Array.from(title);
  return characters.length <= TITLE_LIMIT ? title : `${characters.slice(0, TITLE_LIMIT - 1).join('')}…`;
}
