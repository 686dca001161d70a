import { isJsonObject, type JsonObject, type Progress } from '#libs/contracts/index.js';
import type { Answer, ApiUnderTest } from './api.js';
import type { Engine } from './engine.js';
import { until } from './until.js';

/** Id and secret of an app, as LivePerson tells them. */
export interface AppAnswer {
  clientId: string;
  clientSecret: string;
}

/** The person of a hand-off (`docs/vendors/liveperson.md` §7): takes the file from the API, works at the sandbox's LivePerson, and answers. */
export interface Person {
  /** The file and what is asked. */
  fetch(id: string): Promise<Answer>;
  answer(id: string, body: unknown): Promise<Answer>;
  /** Installs a file at LivePerson and is told its credentials. */
  install(accountId: string, manifest: string): Promise<AppAnswer>;
  /** Looks up, updates or removes an app there. */
  act(
    action: 'secret' | 'remove' | 'update',
    accountId: string,
    clientId: string,
    more?: JsonObject,
  ): Promise<JsonObject>;
  /** Waits until the job asks a person for something, and says it in such words. Fetches nothing. */
  asked(id: string, words: RegExp): Promise<Progress>;
}

export function personOver(engine: Engine, api: Omit<ApiUnderTest, 'close'>): Person {
  const atVendor = async (body: JsonObject): Promise<JsonObject> => {
    const response = await fetch(`${engine.sandboxUrl}/_sandbox/liveperson/person`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const answer: unknown = await response.json();
    if (!response.ok || !isJsonObject(answer))
      throw new Error(`the person: ${response.status} ${JSON.stringify(answer)}`);
    return answer;
  };
  const path = (id: string): string => `/v1/onboardings/${id}/handoff`;
  return {
    fetch: (id) => api.call('GET', path(id)),
    answer: (id, body) => api.call('POST', path(id), { body }),
    install: async (accountId, manifest) => {
      const { clientId, clientSecret } = await atVendor({ action: 'install', accountId, manifest });
      if (typeof clientId === 'string' && typeof clientSecret === 'string') return { clientId, clientSecret };
      throw new Error('the person was told no credentials');
    },
    act: (action, accountId, clientId, more = {}) => atVendor({ action, accountId, clientId, ...more }),
    asked: (id, words) =>
      until(
        async () => {
          const progress = await api.progress(id);
          const { kind, instruction = '' } = progress.waitingFor ?? {};
          return kind === 'handoff' && words.test(instruction) ? progress : undefined;
        },
        `${id} to ask a person by ${String(words)}`,
      ),
  };
}
