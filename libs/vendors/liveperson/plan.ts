import { DEFAULT_DUE_MS, type OnboardingSpec, type PersonPlan, type PlanNode } from '#libs/contracts/index.js';
import {
  createNodeFactory,
  isSecretReference,
  type PlanningContext,
  PlanningError,
  selectPaths,
} from '#libs/planning/index.js';
import { LIVEPERSON } from './errors.js';
import { LIVEPERSON_KEYS } from './keys.js';
import type { LivepersonSpec } from './spec.js';

/** What a connection says of itself. */
interface Facts {
  /** Whether installs go by the API or are handed to a person. */
  mode: 'api' | 'handoff';
  /** The account at LivePerson that it reaches. */
  accountId: string;
}

const HEADER_VALUES = 'capabilities.webhooks.*.headers[].header_value';

/**
 * The one node of the liveperson chain: the manifest, and its exact text where it was given as one. It gets no name and no marker of
 * ours: its bytes are what a person approves (`docs/vendors/liveperson.md` §6.4). By the mode of the connection it is installed
 * through the API or by a person.
 */
export function planLiveperson(
  spec: OnboardingSpec,
  { manifest, text, handoff }: LivepersonSpec,
  ctx: PlanningContext,
): PlanNode[] {
  const factory = createNodeFactory(spec, ctx, LIVEPERSON, spec.connections.liveperson ?? '');
  const liveperson = ctx.facts['liveperson'] as Facts | undefined;
  if (liveperson?.mode === 'handoff') requirePlain(spec, manifest);
  return [
    factory.node({
      key: LIVEPERSON_KEYS.app,
      resource: 'app',
      title: 'LivePerson app',
      body: { manifest, ...(text === undefined ? {} : { text }) },
      ...(liveperson ? { person: personPlan(liveperson, handoff), place: `liveperson/${liveperson.accountId}` } : {}),
    }),
  ];
}

/** What a person is asked for (`docs/vendors/liveperson.md` §7): all of it in mode handoff, else the secret alone where LivePerson does not show it. */
function personPlan({ mode, accountId }: Facts, handoff: LivepersonSpec['handoff']): PersonPlan {
  const account = `the LivePerson account ${accountId}`;
  const where = 'in the Management Console under Application Install';
  const secret = `The client secret of the app in ${account} is not shown to us. Look it up ${where} (edit), or ask LivePerson for it, and hand back clientId and clientSecret.`;
  const all = {
    install: `Install the application manifest in ${account}: send the file to LivePerson (account team or support), or upload it ${where}. Use it byte for byte; its SHA-256 stands beside it. Then hand back clientId and clientSecret of the app.`,
    update: `Replace the app in ${account} by the application manifest, ${where} or through LivePerson. Then say that it is done, or hand back clientId and clientSecret.`,
    remove: `Remove the app that was installed by this application manifest from ${account}, ${where} or through LivePerson. Then say that it is done.`,
  };
  return {
    asks: mode === 'handoff' ? all : { secret },
    ...(handoff?.contact === undefined ? {} : { contact: handoff.contact }),
    dueInMs: handoff?.dueInMs ?? DEFAULT_DUE_MS,
    ...(handoff?.remindEveryMs === undefined ? {} : { remindEveryMs: handoff.remindEveryMs }),
  };
}

/** The file of a hand-off is given out by the API, which resolves no references; and a person cannot be told to take an app over. */
function requirePlain(spec: OnboardingSpec, manifest: LivepersonSpec['manifest']): void {
  const reference = selectPaths(manifest, HEADER_VALUES).find(({ value }) => isSecretReference(value));
  if (reference) {
    const message = 'must be the value itself: the file of a hand-off is given out as it stands, without references';
    throw new PlanningError(`/liveperson/manifest${reference.pointer}`, message);
  }
  const adopts = Array.isArray(spec.adopt) ? spec.adopt.includes(LIVEPERSON_KEYS.app) : spec.adopt;
  if (!adopts) return;
  const message = `must not cover ${LIVEPERSON_KEYS.app}: in a hand-off a person installs a new app, none is taken over`;
  throw new PlanningError('/adopt', message);
}
