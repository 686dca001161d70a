import { Webhook } from 'standardwebhooks';
import type { NotificationBody } from '#libs/contracts/index.js';
import { fakeServer } from '#libs/http/test-server.js';
import { until } from './until.js';

/** What a receiver does with the nth delivery, from 1: answers this status, or nothing at all. */
export type Behaviour = (nth: number) => number | 'silence';

/** A delivery that has come, with a signature that the library's own verifier takes. */
export interface Delivered {
  id: string;
  body: NotificationBody;
  answered: number | 'silence';
}

/** A receiver of notifications on a loopback port. */
export interface Receiver {
  url: string;
  host: string;
  secret: string;
  /** Every delivery, in the order in which they came. One with a wrong signature throws. */
  deliveries(): Delivered[];
  /** Waits for so many that were answered 2xx, and returns those. */
  taken(count: number): Promise<Delivered[]>;
  behave(behaviour: Behaviour): void;
  close(): Promise<void>;
}

/** Starts a receiver that takes everything, unless `behaviour` says otherwise. */
export async function startReceiver(secret: string, behaviour: Behaviour = () => 204): Promise<Receiver> {
  let current = behaviour;
  const answers: (number | 'silence')[] = [];
  const server = await fakeServer((_request, response, nth) => {
    const answer = current(nth);
    answers.push(answer);
    if (answer !== 'silence') response.writeHead(answer).end();
  });
  const webhook = new Webhook(secret);
  const deliveries = (): Delivered[] =>
    server.got.map(({ body, headers }, index) => ({
      id: String(headers['webhook-id']),
      body: webhook.verify(body, headers as Record<string, string>) as NotificationBody,
      answered: answers[index] ?? 'silence',
    }));
  return {
    url: `${server.url}/hook`,
    host: new URL(server.url).host,
    secret,
    deliveries,
    taken: (count) =>
      until(() => {
        const taken = deliveries().filter(({ answered }) => answered !== 'silence' && answered < 300);
        return taken.length >= count ? taken : undefined;
      }, `${count} notifications to be taken`),
    behave: (next) => (current = next),
    close: () => server.close(),
  };
}
