import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { isObject, type JsonObject, textOf } from '../json.js';
import { seededRandom } from '../random.js';
import { channelKey, type ChannelSpec, identityOf, takeChannel } from './channel-fields.js';
import type { SinchKnobs } from './knobs.js';

type Outcome = SinchKnobs['channels']['outcomes'][number]['outcome'];

/** A channel of an app and its clock: PENDING until `settlesAt`, then its outcome (docs/vendors/sinch.md §3.4). */
export interface ChannelEntry {
  spec: ChannelSpec;
  /** Milliseconds since the epoch; infinite for a channel that never leaves PENDING. */
  settlesAt: number;
  outcome: Exclude<Outcome, 'stuck'>;
  description: string;
  knownId: string;
}

/** Decides the fate of channels as they are set. */
export class ChannelClock {
  readonly #knobs: () => SinchKnobs;
  readonly #random = seededRandom(1);

  constructor(knobs: () => SinchKnobs) {
    this.#knobs = knobs;
  }

  /** `specs` in place of `before`: an unchanged entry keeps its state, a new or changed one begins as PENDING. */
  replace(
    before: ChannelEntry[],
    specs: ChannelSpec[],
    now: number,
    isShared: (spec: ChannelSpec) => boolean,
  ): ChannelEntry[] {
    return specs.map((spec) => {
      const old = before.find((entry) => channelKey(entry.spec) === channelKey(spec));
      if (old && isDeepStrictEqual(old.spec, spec) && !isGone(old, now)) return old;
      return this.#begin(spec, now, isShared(spec));
    });
  }

  #begin(spec: ChannelSpec, now: number, shared: boolean): ChannelEntry {
    const { channels, sharedIdentity } = this.#knobs();
    const { min, max } = channels.activationMs;
    const identity = identityOf(spec);
    const scripted = channels.outcomes.find(
      (script) =>
        (script.channel === undefined || script.channel === spec.channel) &&
        (script.claimedIdentity === undefined || script.claimedIdentity === identity),
    );
    const refused = shared && sharedIdentity === 'failing';
    const outcome = scripted?.outcome ?? (refused ? 'failing' : 'active');
    const reason = refused ? 'the identity is used by another app' : 'the channel refused the credentials';
    return {
      spec,
      settlesAt: outcome === 'stuck' ? Infinity : now + min + this.#random() * Math.max(0, max - min),
      outcome: outcome === 'stuck' ? 'active' : outcome,
      description: outcome === 'failing' ? (scripted?.description ?? reason) : '',
      knownId: identity ?? '',
    };
  }
}

/** The entries that still show at `now`; those that vanish are gone once they have settled. */
export function presentChannels(entries: ChannelEntry[], now: number): ChannelEntry[] {
  return entries.filter((entry) => !isGone(entry, now));
}

export function renderChannel(entry: ChannelEntry, now: number, swapsInstagramToken: boolean): JsonObject {
  const settled = entry.settlesAt <= now;
  const status = !settled ? 'PENDING' : entry.outcome === 'failing' ? 'FAILING' : 'ACTIVE';
  const { callback_secret, credential_ordinal_number, ...rest } = entry.spec;
  const credentials: JsonObject = { ...rest };
  const instagram = credentials.instagram_credentials;
  if (swapsInstagramToken && status === 'ACTIVE' && isObject(instagram)) {
    credentials.instagram_credentials = { ...instagram, token: longLivedToken(textOf(instagram.token)) };
  }
  return {
    ...credentials,
    callback_secret,
    state: { status, description: status === 'FAILING' ? entry.description : '' },
    channel_known_id: status === 'ACTIVE' ? entry.knownId : '',
    credential_ordinal_number,
  };
}

/** When the next of these channels changes its state, infinite when none will. */
export function nextChange(entries: ChannelEntry[], now: number): number {
  return Math.min(Infinity, ...entries.map(({ settlesAt }) => (settlesAt > now ? settlesAt : Infinity)));
}

/**
 * Entries from a rendered array, as somebody left them in the dashboard: a `state` that is given is taken at its word,
 * without one the entry counts as settled.
 */
export function entriesFromRendered(rendered: JsonObject[]): ChannelEntry[] {
  return rendered.map((entry) => {
    const state = isObject(entry.state) ? entry.state : {};
    const spec = takeChannel(entry);
    return {
      spec,
      settlesAt: state.status === 'PENDING' ? Infinity : 0,
      outcome: state.status === 'FAILING' ? 'failing' : 'active',
      description: typeof state.description === 'string' ? state.description : '',
      knownId: identityOf(spec) ?? '',
    };
  });
}

function isGone(entry: ChannelEntry, now: number): boolean {
  return entry.outcome === 'vanishing' && entry.settlesAt <= now;
}

function longLivedToken(token: string): string {
  return `long-lived-${createHash('sha256').update(token).digest('hex').slice(0, 16)}`;
}
